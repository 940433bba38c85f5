namespace RestKv.Api.Http;

/// <summary>The version this program was built as, and the etcd version whose behaviour it follows.</summary>
internal static class ProductVersion
{
    public const string EtcdServer = "3.5.16";
    public const string EtcdCluster = "3.5.0";

    public static string Text { get; } = typeof(ProductVersion).Assembly.GetName().Version?.ToString(3)
        ?? throw new InvalidOperationException("The assembly has no version.");
}
