namespace RestKv.Api.Telemetry;

/// <summary>On endpoints whose requests last as long as their client wants: how long says nothing about speed.</summary>
internal sealed class OpenEnded;
