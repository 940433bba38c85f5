namespace RestKv.Api.Cli.Import;

/// <summary>What an import is asked for.</summary>
internal enum ImportMode
{
    /// <summary>Copies and follows the source until it is told to cut over.</summary>
    Follow,

    /// <summary>Copies, catches up, and cuts over at once.</summary>
    Once,

    /// <summary>Counts what a copy would write and delete.</summary>
    DryRun,

    /// <summary>Compares, and changes nothing.</summary>
    Verify,
}
