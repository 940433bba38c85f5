using System.Globalization;

namespace RestKv.Storage;

/// <summary>Identifies one cluster for ever; a restored backup gets a new one. Zero is never used.</summary>
public readonly record struct ClusterId(long Value)
{
    /// <summary>Lower-case hexadecimal, as the API shows it.</summary>
    public override string ToString() => Value.ToString("x", CultureInfo.InvariantCulture);
}
