namespace RestKv.Api.Security;

/// <summary>Certificates that cannot be used as they are. The message is for the operator; at a start it means exit code 2.</summary>
public sealed class TlsConfigurationException(string message) : Exception(message);
