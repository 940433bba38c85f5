namespace RestKv.Testing;

/// <summary>A new directory below the system's temporary one, removed with everything in it on disposal.</summary>
public sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("restkv-test-").FullName;

    public string Combine(string name) => System.IO.Path.Join(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
