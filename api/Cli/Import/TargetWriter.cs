using RestKv.Api.Etcd.Messages;

namespace RestKv.Api.Cli.Import;

/// <summary>
/// Writes to the target in transactions, one after another. Each holds only while none of its keys was written after the newest
/// revision we know, so one that was sent twice, and comes late, cannot undo what was written since. Owned by the import's main task.
/// </summary>
internal sealed class TargetWriter(EtcdClient target)
{
    /// <summary>What etcd and RestKv allow unless told otherwise.</summary>
    public const int OperationsMax = 128;

    /// <summary>Leaves room, below 1.5 MiB, for names in conditions and for what is around them.</summary>
    public const int BytesMax = 1 << 20;

    private const int AttemptsMax = 8;

    private long _known;

    /// <summary>Keys written.</summary>
    public long Puts { get; private set; }

    /// <summary>Keys deleted.</summary>
    public long Deletes { get; private set; }

    /// <summary>The newest revision of the target that we know; it grows with each write.</summary>
    public long Revision => _known;

    /// <summary>Each key once. One transaction, as long as they fit in one.</summary>
    public async Task WriteAsync(IReadOnlyList<KeyChange> changes, CancellationToken cancellationToken)
    {
        var part = new List<KeyChange>(Math.Min(changes.Count, OperationsMax));
        var bytes = 0;
        foreach (var change in changes)
        {
            if (part.Count == OperationsMax || (part.Count > 0 && bytes + change.SentBytes > BytesMax))
            {
                await CommitAsync(part, cancellationToken);
                part.Clear();
                bytes = 0;
            }

            part.Add(change);
            bytes += change.SentBytes;
        }

        if (part.Count > 0)
        {
            await CommitAsync(part, cancellationToken);
        }
    }

    private async Task CommitAsync(List<KeyChange> changes, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var response = await target.TxnAsync(Transaction(changes), cancellationToken);
                _known = response.Header.Revision;
                if (response.Succeeded)
                {
                    break;
                }
            }
            catch (CallFailure failure) when (failure.IsTooLargeForThem && changes is [{ Value: not null } single])
            {
                // A value at the very limit fits only without a condition.
                _known = (await PutAsync(single, failure, cancellationToken)).Header.Revision;
                break;
            }
            catch (CallFailure failure) when (failure.IsTooLargeForThem && changes.Count > 1)
            {
                // The target takes less at a time than others do.
                var half = changes.Count / 2;
                await CommitAsync(changes[..half], cancellationToken);
                await CommitAsync(changes[half..], cancellationToken);
                return;
            }

            // Sent twice and done by the first, or written by somebody else: with what is known now it is done again.
            if (attempt == AttemptsMax)
            {
                throw new ImportFailure(
                    ExitCodes.Failed, $"somebody else keeps writing to the target, to {KeyText.Of(changes[0].Key)} or near it");
            }
        }

        Puts += changes.Count(change => change.Value is not null);
        Deletes += changes.Count(change => change.Value is null);
    }

    private async Task<PutResponse> PutAsync(KeyChange change, CallFailure failure, CancellationToken cancellationToken)
    {
        try
        {
            return await target.PutAsync(Put(change), cancellationToken);
        }
        catch (CallFailure again) when (again.IsTooLargeForThem)
        {
            throw new ImportFailure(
                ExitCodes.Failed,
                $"the target does not take {KeyText.Of(change.Key)}, {change.Bytes} bytes, by its --max-request-bytes: {failure.Message}");
        }
    }

    private TxnRequest Transaction(List<KeyChange> changes)
    {
        var transaction = new TxnRequest();
        foreach (var change in changes)
        {
            // What nobody has written yet has revision 0.
            transaction.Compare.Add(new Compare
            {
                Key = change.Key,
                Target = Compare.Types.CompareTarget.Mod,
                Result = Compare.Types.CompareResult.Less,
                ModRevision = _known + 1,
            });
            transaction.Success.Add(change.Value is null
                ? new RequestOp { RequestDeleteRange = new DeleteRangeRequest { Key = change.Key } }
                : new RequestOp { RequestPut = Put(change) });
        }

        return transaction;
    }

    private static PutRequest Put(KeyChange change) => new() { Key = change.Key, Value = change.Value!, Lease = change.Lease };
}
