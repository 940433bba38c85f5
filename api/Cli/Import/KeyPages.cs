using System.Runtime.CompilerServices;
using Google.Protobuf;
using RestKv.Api.Etcd.Messages;
using KeyRange = RestKv.Core.Model.KeyRange;

namespace RestKv.Api.Cli.Import;

/// <summary>
/// The keys of a range in order, page by page. Pages are as many keys as a few MiB hold: more after small ones, fewer after large
/// ones, and half as many when an answer is larger than we take.
/// </summary>
internal static class KeyPages
{
    private const int KeysFirst = 128;
    private const int KeysMax = 4096;
    private const int BytesAim = 2 << 20;
    private const int BytesMax = 32 << 20;

    /// <param name="revision">0 for the newest of each page.</param>
    public static async IAsyncEnumerable<KeyValue> ReadAsync(
        EtcdClient client, KeyRange range, long revision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new RangeRequest
        {
            Key = KeyMap.StartOf(range),
            RangeEnd = KeyMap.EndOf(range),
            Revision = revision,
            Limit = KeysFirst,
        };
        while (true)
        {
            var page = await PageAsync(client, request, cancellationToken);
            foreach (var pair in page.Kvs)
            {
                yield return pair;
            }

            if (!page.More || page.Kvs.Count == 0)
            {
                yield break;
            }

            request.Key = ByteString.CopyFrom([.. page.Kvs[^1].Key.Span, 0]);
            var bytes = page.CalculateSize();
            request.Limit = bytes > 2 * BytesAim ? Math.Max(1, request.Limit / 2)
                : bytes < BytesAim / 2 ? Math.Min(KeysMax, request.Limit * 2)
                : request.Limit;
        }
    }

    /// <summary>How many keys a range has at a revision.</summary>
    public static async Task<long> CountAsync(EtcdClient client, KeyRange range, long revision, CancellationToken cancellationToken)
    {
        var request = new RangeRequest
        {
            Key = KeyMap.StartOf(range),
            RangeEnd = KeyMap.EndOf(range),
            Revision = revision,
            CountOnly = true,
        };
        return (await client.RangeAsync(request, GrpcChannel.MessageBytesMax, cancellationToken)).Count;
    }

    private static async Task<RangeResponse> PageAsync(EtcdClient client, RangeRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await client.RangeAsync(request, request.Limit > 1 ? BytesMax : GrpcChannel.MessageBytesMax, cancellationToken);
            }
            catch (CallFailure failure) when (failure.IsAnswerTooLarge && request.Limit > 1)
            {
                request.Limit /= 2;
            }
        }
    }
}
