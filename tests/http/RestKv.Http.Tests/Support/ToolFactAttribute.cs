namespace RestKv.Http.Tests.Support;

/// <summary>A test that needs a program from outside; without it, it is skipped and says so.</summary>
internal sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(string tool)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Join(folder, tool))))
        {
            Skip = $"not installed: {tool}";
        }
    }
}
