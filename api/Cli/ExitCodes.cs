namespace RestKv.Api.Cli;

/// <summary>How the process ends; scripts and service managers depend on these numbers.</summary>
public static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>It was understood and tried, and it failed.</summary>
    public const int Failed = 1;

    /// <summary>A wrong command line, configuration or data directory: trying again changes nothing.</summary>
    public const int Usage = 2;

    /// <summary>Data that was promised is damaged. The text names file and offset.</summary>
    public const int Corrupt = 3;

    /// <summary>The disk failed to take data (EX_IOERR); what was acknowledged before is safe.</summary>
    public const int DiskFailed = 74;
}
