using RestKv.Api.Http;

namespace RestKv.Api.Etcd;

/// <summary>The version that a cluster could be downgraded to: one minor version below.</summary>
internal static class DowngradeTarget
{
    public static void Check(string text)
    {
        if (!TryParse(text, out var target))
        {
            throw new EtcdFault(GrpcCode.InvalidArgument, "etcdserver: wrong downgrade target version format");
        }

        var cluster = Version.Parse(ProductVersion.EtcdCluster);
        if (target.Major != cluster.Major || target.Minor != cluster.Minor - 1)
        {
            throw new EtcdFault(GrpcCode.InvalidArgument, "etcdserver: invalid downgrade target version");
        }
    }

    private static bool TryParse(string text, out Version version)
    {
        version = new Version();
        var parts = text.Split('.');
        if (parts.Length is not (2 or 3) || !parts.All(part => part.Length is > 0 and < 10 && part.All(char.IsAsciiDigit)))
        {
            return false;
        }

        version = Version.Parse(text);
        return true;
    }
}
