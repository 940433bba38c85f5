namespace RestKv.Testing;

/// <summary>Finds files of the repository from a running test.</summary>
public static class Repository
{
    private const string Marker = "RestKv.sln";

    /// <summary>Absolute path of the repository.</summary>
    public static string Root { get; } = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>
    /// A path the compiler recorded, on this machine: deterministic builds replace the beginning of such paths by `/_/`.
    /// </summary>
    public static string Locate(string recorded) =>
        recorded.StartsWith("/_/", StringComparison.Ordinal) ? PathOf(recorded["/_/".Length..]) : recorded;

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Marker)))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"{Marker} is not above {AppContext.BaseDirectory}");
    }
}
