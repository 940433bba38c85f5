namespace RestKv.Api.Hosting.Options;

/// <summary>Where a setting comes from, strongest first.</summary>
internal enum OptionSource : byte
{
    Flag = 0,
    Environment = 1,

    /// <summary>An `ETCD_*` variable: understood, with a warning.</summary>
    EtcdEnvironment = 2,
    File = 3,
}
