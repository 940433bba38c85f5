namespace RestKv.Api.Etcd.Http;

/// <summary>The gateway's part of the URL space: `/v3/` and what older clients call it.</summary>
internal static class GatewayPaths
{
    private const string Prefix = "/v3/";
    private static readonly string[] Aliases = ["/v3alpha/", "/v3beta/"];

    public static bool Contains(ReadOnlySpan<char> path)
    {
        if (!path.StartsWith("/v3"))
        {
            return false;
        }

        foreach (var alias in Aliases)
        {
            if (path.StartsWith(alias))
            {
                return true;
            }
        }

        return path.StartsWith(Prefix);
    }

    /// <summary>The path below `/v3/`, whichever of its names was used.</summary>
    public static string Normalize(string path)
    {
        foreach (var alias in Aliases)
        {
            if (path.StartsWith(alias, StringComparison.Ordinal))
            {
                return string.Concat(Prefix, path.AsSpan(alias.Length));
            }
        }

        return path;
    }
}
