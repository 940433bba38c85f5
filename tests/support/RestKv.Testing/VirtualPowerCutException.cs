namespace RestKv.Testing;

/// <summary>The power went. Nothing in the product knows or catches it: it ends the life of the simulated process.</summary>
public sealed class VirtualPowerCutException(string message) : Exception(message);
