using Google.Protobuf;
using RestKv.Api.Etcd.Messages;

namespace RestKv.Api.Cli.Import;

/// <summary>A key that is not the same on both sides.</summary>
/// <param name="Key">As the target calls it.</param>
/// <param name="Source">Null when only the target has it.</param>
/// <param name="Target">Null when only the source has it.</param>
internal sealed record KeyDifference(ByteString Key, KeyValue? Source, KeyValue? Target)
{
    public string Text => KeyText.Of(Key) + (this switch
    {
        { Target: null } => " is missing in the target",
        { Source: null } => " is only in the target",
        _ when Source.Value != Target.Value => $" differs: {Source.Value.Length} bytes in the source, {Target.Value.Length} in the target",
        { Source.Lease: 0 } => " hangs on a lease in the target only",
        _ => " hangs on a lease in the source only",
    });
}
