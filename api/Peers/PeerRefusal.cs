namespace RestKv.Api.Peers;

/// <summary>Why a member that calls is not let in.</summary>
internal enum PeerRefusalKind : byte
{
    /// <summary>It is no member, or not the one that is meant.</summary>
    Stranger = 0,

    /// <summary>It comes with another data directory than it had.</summary>
    Wiped = 1,

    /// <summary>It comes with an older image of its data directory.</summary>
    RolledBack = 2,
}

/// <summary>A refusal, for the caller and for the operators of both.</summary>
internal sealed record PeerRefusal(PeerRefusalKind Kind, string Reason)
{
    /// <summary>Tells the caller the kind, so that it knows that it has lost something.</summary>
    public const string HeaderName = "Restkv-Refusal";

    /// <summary>The caller has lost what it promised, and must take no part any more.</summary>
    public bool IsLoss => Kind != PeerRefusalKind.Stranger;

    public string HeaderValue => Kind switch
    {
        PeerRefusalKind.Wiped => "wiped",
        PeerRefusalKind.RolledBack => "rolled-back",
        _ => "stranger",
    };

    public static PeerRefusalKind KindOf(string? header) => header switch
    {
        "wiped" => PeerRefusalKind.Wiped,
        "rolled-back" => PeerRefusalKind.RolledBack,
        _ => PeerRefusalKind.Stranger,
    };

    public static PeerRefusal Stranger(string reason) => new(PeerRefusalKind.Stranger, reason);

    public static PeerRefusal Lost(PeerRefusalKind kind, string member, string? detail = null) => new(kind, kind switch
    {
        PeerRefusalKind.Wiped =>
            $"member {member} has another data directory than the cluster knows: what it promised is lost, {Advice(member)}",
        _ => $"member {member} has an older image of its data directory{(detail is null ? "" : $" ({detail})")}: "
            + $"what it promised since is lost, {Advice(member)}",
    });

    private static string Advice(string member) =>
        $"so it takes no part and must be replaced (POST /v1/members/{member}/replace, and a start with an empty directory)";
}
