using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using RestKv.Api.Etcd.Messages;

namespace RestKv.Api.Etcd.Json;

/// <summary>The codecs of all messages: written by hand for the calls that count, made from the descriptor for the others.</summary>
internal static class MessageCodecs
{
    private static readonly ConcurrentDictionary<MessageDescriptor, MessageCodec> ByDescriptor = new();

    /// <summary>Codecs of messages that contain each other find each other through here, when they are first used.</summary>
    public static MessageCodec<T> Of<T>()
        where T : class, IMessage<T>, new() => Holder<T>.Codec;

    public static MessageCodec Of(MessageDescriptor descriptor) => ByDescriptor.GetOrAdd(descriptor, static found =>
        (MessageCodec)typeof(MessageCodecs).GetMethod(nameof(Of), 1, [])!.MakeGenericMethod(found.ClrType).Invoke(null, null)!);

    private static MessageCodec<T> Make<T>()
        where T : class, IMessage<T>, new()
    {
        MessageCodec? written = new T() switch
        {
            RangeRequest => new RangeRequestCodec(),
            PutRequest => new PutRequestCodec(),
            DeleteRangeRequest => new DeleteRangeRequestCodec(),
            TxnRequest => new TxnRequestCodec(),
            RequestOp => new RequestOpCodec(),
            Compare => new CompareCodec(),
            ResponseHeader => new ResponseHeaderCodec(),
            KeyValue => new KeyValueCodec(),
            RangeResponse => new RangeResponseCodec(),
            PutResponse => new PutResponseCodec(),
            DeleteRangeResponse => new DeleteRangeResponseCodec(),
            TxnResponse => new TxnResponseCodec(),
            ResponseOp => new ResponseOpCodec(),
            WatchResponse => new WatchResponseCodec(),
            Event => new EventCodec(),
            _ => null,
        };
        return (MessageCodec<T>?)written ?? new DescribedCodec<T>();
    }

    private static class Holder<T>
        where T : class, IMessage<T>, new()
    {
        public static readonly MessageCodec<T> Codec = Make<T>();
    }
}
