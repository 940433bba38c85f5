using Google.Protobuf;
using RestKv.Api.Etcd.Messages;
using RestKv.Core.Mvcc;

namespace RestKv.Api.Etcd.Watches;

/// <summary>Pairs and changes of the store as etcd's messages. Bytes are shared with the store, which never changes them.</summary>
internal static class ChangeMessages
{
    public static KeyValue Pair(in Core.Model.KeyValue pair) => new()
    {
        Key = UnsafeByteOperations.UnsafeWrap(pair.Key),
        Value = UnsafeByteOperations.UnsafeWrap(pair.Value),
        CreateRevision = pair.CreateRevision,
        ModRevision = pair.ModRevision,
        Version = pair.Version,
        Lease = pair.Lease.Value,
    };

    public static Event Of(in Change change, bool withPrevious)
    {
        var message = new Event { Kv = change.IsDelete ? Deleted(change.KeyValue) : Pair(change.KeyValue) };
        if (change.IsDelete)
        {
            message.Type = Event.Types.EventType.Delete;
        }

        if (withPrevious && change.Previous is { } previous)
        {
            message.PrevKv = Pair(previous);
        }

        return message;
    }

    private static KeyValue Deleted(in Core.Model.KeyValue pair) => new()
    {
        Key = UnsafeByteOperations.UnsafeWrap(pair.Key),
        ModRevision = pair.ModRevision,
    };
}
