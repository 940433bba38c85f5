namespace RestKv.Api.Etcd;

/// <summary>
/// Who a caller is. What they may do is judged where it counts: in the state machine when the entry is applied, and on the view
/// that a read is answered from.
/// </summary>
internal class EtcdAuthority
{
    /// <summary>The author of what the call writes; empty while there are no users.</summary>
    public virtual ValueTask<string> IdentifyAsync(EtcdCall call) => new("");
}
