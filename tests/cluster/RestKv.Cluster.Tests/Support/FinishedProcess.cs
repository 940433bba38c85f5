namespace RestKv.Cluster.Tests.Support;

/// <summary>How a process ended and what it said.</summary>
internal sealed record FinishedProcess(int ExitCode, string Output, string Error);
