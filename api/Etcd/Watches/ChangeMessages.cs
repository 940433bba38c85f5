using Google.Protobuf;
using RestKv.Api.Etcd.Messages;
using RestKv.Core.Mvcc;

namespace RestKv.Api.Etcd.Watches;

/// <summary>Changes of the store as etcd's messages. Bytes are shared with the store, which never changes them.</summary>
internal static class ChangeMessages
{
    public static Event Of(in Change change, bool withPrevious)
    {
        var message = new Event { Kv = change.IsDelete ? Deleted(change.KeyValue) : KvResponses.Pair(change.KeyValue) };
        if (change.IsDelete)
        {
            message.Type = Event.Types.EventType.Delete;
        }

        if (withPrevious && change.Previous is { } previous)
        {
            message.PrevKv = KvResponses.Pair(previous);
        }

        return message;
    }

    private static KeyValue Deleted(in Core.Model.KeyValue pair) => new()
    {
        Key = UnsafeByteOperations.UnsafeWrap(pair.Key),
        ModRevision = pair.ModRevision,
    };
}
