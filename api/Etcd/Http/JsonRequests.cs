using System.Buffers;
using System.IO.Pipelines;
using Google.Protobuf;
using RestKv.Api.Etcd.Json;
using RestKv.Api.Http;

namespace RestKv.Api.Etcd.Http;

/// <summary>
/// Requests of a stream: JSON objects that follow each other in the body, each given out as soon as it is whole. Of a stream with
/// one request only the first is read.
/// </summary>
internal sealed class JsonRequests(PipeReader body, MessageCodec codec, bool takesMany) : IEtcdRequests, IDisposable
{
    private readonly PooledBuffer _pending = new();
    private bool _isOver;
    private bool _isFirst = true;

    public async ValueTask<IMessage?> NextAsync(CancellationToken cancellationToken)
    {
        var isOnly = _isFirst && !takesMany;
        if (_isOver || (!_isFirst && !takesMany))
        {
            return null;
        }

        _isFirst = false;
        _pending.Clear();
        var isWhole = await GatherAsync(cancellationToken);
        if (!isWhole && !isOnly && _pending.WrittenMemory.Span.Trim(" \t\r\n"u8).IsEmpty)
        {
            return null;
        }

        return GatewayBody.Parse(codec, _pending.WrittenMemory.Span);
    }

    public void Dispose() => _pending.Abandon();

    /// <summary>Takes bytes up to the end of a document; false when the body ends before.</summary>
    private async ValueTask<bool> GatherAsync(CancellationToken cancellationToken)
    {
        var end = new JsonDocumentEnd();
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            var isWhole = TryTake(read.Buffer, ref end, out var taken);
            body.AdvanceTo(taken);
            if (isWhole)
            {
                return true;
            }

            if (_pending.WrittenCount > GatewayBody.MessageBytesMax)
            {
                throw GatewayBody.TooLarge(_pending.WrittenCount);
            }

            if (read.IsCompleted)
            {
                _isOver = true;
                return false;
            }
        }
    }

    private bool TryTake(ReadOnlySequence<byte> bytes, ref JsonDocumentEnd end, out SequencePosition taken)
    {
        var count = 0L;
        foreach (var segment in bytes)
        {
            var found = end.Find(segment.Span);
            var part = found < 0 ? segment.Span : segment.Span[..found];
            part.CopyTo(_pending.GetSpan(part.Length));
            _pending.Advance(part.Length);
            count += part.Length;
            if (found >= 0)
            {
                taken = bytes.GetPosition(count);
                return true;
            }
        }

        taken = bytes.End;
        return false;
    }
}
