namespace RestKv.Http.Tests.Import;

/// <summary>A test that needs a real etcd; without it, it is skipped and says so.</summary>
internal sealed class EtcdFactAttribute : FactAttribute
{
    public EtcdFactAttribute()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Join(folder, EtcdServer.Program))))
        {
            Skip = $"not installed: {EtcdServer.Program}";
        }
    }
}
