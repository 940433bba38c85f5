namespace RestKv.Api.Peers;

/// <summary>What is served on the peer port, and nowhere else.</summary>
internal static class PeerPaths
{
    public const string Stream = "/peer/v1/stream";

    public const string Snapshot = "/peer/v1/snapshot";

    public const string Members = "/peer/v1/members";

    public const string Status = "/peer/v1/status";

    public const string Leader = "/peer/v1/leader";
}
