namespace RestKv.Http.Tests.Watch;

/// <summary>A test that needs Chromium, Node and npm; without them it is skipped, and says which is missing.</summary>
internal sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute()
    {
        var missing = new[] { "chromium", "node", "npm" }.Where(tool => !IsInstalled(tool)).ToList();
        if (missing.Count > 0)
        {
            Skip = $"not installed: {string.Join(", ", missing)}";
        }
    }

    private static bool IsInstalled(string tool) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Join(folder, tool)));
}
