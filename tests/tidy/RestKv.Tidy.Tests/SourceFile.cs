using RestKv.Testing;

namespace RestKv.Tidy.Tests;

/// <summary>A text file of the repository as it lies in the working tree.</summary>
internal sealed class SourceFile(string path)
{
    private static readonly string[] NotOurs =
    [
        "artifacts", "bin", "obj", "node_modules", ".git", "restkv-data", "TestResults", "BenchmarkDotNet.Artifacts", ".vs", ".idea",
    ];

    private static readonly HashSet<string> Binary =
        new([".png", ".ico", ".bin", ".wal", ".snap", ".gz", ".woff2"], StringComparer.Ordinal);

    /// <summary>Everything a commit could contain, except binary fixtures.</summary>
    public static IReadOnlyList<SourceFile> All { get; } =
        [.. Walk(new DirectoryInfo(Repository.Root)).Where(file => !Binary.Contains(System.IO.Path.GetExtension(file.Path)))];

    public static IEnumerable<SourceFile> CSharp => All.Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal));

    /// <summary>Relative to the repository, with slashes.</summary>
    public string Path { get; } = path;

    public string Text { get; } = File.ReadAllText(Repository.PathOf(path));

    public string[] Lines => Text.Split('\n');

    public string Name => System.IO.Path.GetFileName(Path);

    public string Folder => System.IO.Path.GetDirectoryName(Path) ?? "";

    public bool IsIn(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);

    public override string ToString() => Path;

    private static IEnumerable<SourceFile> Walk(DirectoryInfo folder)
    {
        foreach (var child in folder.EnumerateDirectories().Where(child => !NotOurs.Contains(child.Name)))
        {
            foreach (var file in Walk(child))
            {
                yield return file;
            }
        }

        // A worktree has a file named .git.
        foreach (var file in folder.EnumerateFiles().Where(file => !NotOurs.Contains(file.Name)))
        {
            yield return new SourceFile(System.IO.Path.GetRelativePath(Repository.Root, file.FullName).Replace('\\', '/'));
        }
    }
}
