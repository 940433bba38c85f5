using Google.Protobuf;

namespace RestKv.Api.Cli.Import;

/// <summary>What is to become of a key of the target.</summary>
/// <param name="Value">Null to delete it.</param>
/// <param name="Lease">Of the target; 0 for none.</param>
internal readonly record struct KeyChange(ByteString Key, ByteString? Value, long Lease)
{
    /// <summary>In a transaction, where the key is in a condition, too.</summary>
    public int SentBytes => Bytes + Key.Length + 48;

    public int Bytes => Key.Length + (Value?.Length ?? 0);
}
