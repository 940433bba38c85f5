using Google.Protobuf;

namespace RestKv.Api.Cli.Import;

/// <summary>What is to become of a key of the target.</summary>
/// <param name="Value">Null to delete it.</param>
/// <param name="Lease">Of the target; 0 for none.</param>
internal readonly record struct KeyChange(ByteString Key, ByteString? Value, long Lease)
{
    public int Bytes => Key.Length + (Value?.Length ?? 0);
}
