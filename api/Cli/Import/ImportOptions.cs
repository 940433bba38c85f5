namespace RestKv.Api.Cli.Import;

/// <summary>All that is said on the command line of an import.</summary>
internal sealed record ImportOptions
{
    public required ImportSide Source { get; init; }

    public required ImportSide Target { get; init; }

    public KeyMap Keys { get; init; } = KeyMap.Everything;

    public ImportMode Mode { get; init; }

    /// <summary>The target's keys may be replaced and deleted where they differ.</summary>
    public bool Overwrites { get; init; }

    /// <summary>The revision of the source to cut over at; 0 to wait for a signal.</summary>
    public long UntilRevision { get; init; }

    /// <summary>How long a store that was reached before may be out of reach.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long it may take to reach a store for the first time.</summary>
    public TimeSpan FirstPatience { get; init; } = TimeSpan.FromSeconds(10);
}
