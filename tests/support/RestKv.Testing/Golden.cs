using System.Runtime.CompilerServices;
using Xunit;

namespace RestKv.Testing;

/// <summary>
/// Compares text with a file that is committed beside the test. With RESTKV_RECORD=1 the file is written instead, and the
/// difference is reviewed as a change of the repository.
/// </summary>
public static class Golden
{
    public const string RecordVariable = "RESTKV_RECORD";

    /// <param name="name">File name beside the calling test, such as `help.txt`.</param>
    public static void Check(string name, string actual, [CallerFilePath] string testFile = "") =>
        CheckFile(Path.Combine(Path.GetDirectoryName(Repository.Locate(testFile))!, name), actual);

    public static void CheckFile(string path, string actual)
    {
        var text = actual.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable(RecordVariable) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
            return;
        }

        Assert.True(File.Exists(path), $"{path} is missing: record it with {RecordVariable}=1");
        Assert.Equal(File.ReadAllText(path), text);
    }
}
