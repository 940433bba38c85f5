using RestKv.Core.Model;

namespace RestKv.Api.Etcd;

/// <summary>
/// Who a caller is. What they may do is judged where it counts: in the state machine when the entry is applied, and on the view
/// that a read is answered from.
/// </summary>
internal class EtcdAuthority
{
    /// <summary>The author of what the call writes; empty while there are no users.</summary>
    public virtual ValueTask<string> IdentifyAsync(EtcdCall call) => new("");

    /// <summary>Refuses with an <see cref="EtcdFault"/> unless the caller may read every key of the range, now.</summary>
    public virtual ValueTask CheckReadAsync(EtcdCall call, KeyRange range) => ValueTask.CompletedTask;
}
