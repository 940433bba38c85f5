namespace RestKv.Api.Contracts;

/// <summary>Takes a member in.</summary>
internal sealed record MemberAddRequest : IMemberContract
{
    /// <summary>1 to 64 letters, digits, dots, dashes and underscores; unique.</summary>
    public string? Name { get; init; }

    /// <summary>Where the other members will find it: `http://host:port` or `https://host:port`.</summary>
    public IReadOnlyList<string>? PeerUrls { get; init; }

    /// <summary>True for a member that never votes; by default it votes as soon as it has caught up.</summary>
    public bool? Learner { get; init; }
}

/// <summary>Puts a new member in the place of another one.</summary>
internal sealed record MemberReplaceRequest : IMemberContract
{
    /// <summary>Name of the new member; by default that of the old one.</summary>
    public string? Name { get; init; }

    /// <summary>Where the other members will find it; by default where they found the old one.</summary>
    public IReadOnlyList<string>? PeerUrls { get; init; }
}

/// <summary>Changes what is known of a member.</summary>
internal sealed record MemberUpdateRequest
{
    public IReadOnlyList<string>? PeerUrls { get; init; }
}

/// <summary>Asks for another leader.</summary>
internal sealed record LeaderRequest
{
    /// <summary>Id or name of the voter that is to lead.</summary>
    public string? Member { get; init; }
}

/// <summary>What requests about members have in common.</summary>
internal interface IMemberContract
{
    string? Name { get; }

    IReadOnlyList<string>? PeerUrls { get; }
}
