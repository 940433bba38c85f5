using RestKv.Core.Commands;
using RestKv.Raft;

namespace RestKv.Core.Replication;

/// <summary>
/// Requests that come while leadership is handed over. Proposing them would put the end of the log out of the successor's
/// reach, and refusing them would fail a client for maintenance that the cluster does by itself: they are kept until the
/// transfer has ended. If it failed they are proposed. If it went through, they were surely not applied, which is said, and the
/// shell submits them again to whoever leads then. Consensus ends a transfer that takes longer than an election.
/// </summary>
public sealed partial class Replica
{
    private readonly Queue<KeptRequest> _kept = new();
    private long _keptBytes;

    /// <summary>True when the request was kept, and also when it was refused because there are too many.</summary>
    private bool IsKept(object token, byte[] payload)
    {
        if (!_raft.IsTransferring)
        {
            return false;
        }

        if (_keptBytes + payload.Length > _config.Raft.UncommittedBytesMax)
        {
            Refuse(token, NotAppliedReason.Overloaded);
        }
        else
        {
            Keep(new KeptRequest(token, payload, default));
        }

        return true;
    }

    /// <summary>As above, for the request of another member, which has passed the gate.</summary>
    private bool IsKept(in Message forward, ReadOnlyMemory<byte> payload)
    {
        if (!_raft.IsTransferring)
        {
            return false;
        }

        if (_keptBytes + payload.Length > _config.Raft.UncommittedBytesMax || _kept.Count >= _config.PendingMax)
        {
            RefuseForward(forward, NotAppliedReason.Overloaded);
        }
        else
        {
            Keep(new KeptRequest(null, payload, forward));
        }

        return true;
    }

    private void Keep(KeptRequest request)
    {
        _keptBytes += request.Payload.Length;
        _kept.Enqueue(request);
    }

    /// <summary>In the order in which they came.</summary>
    private void ReleaseKept()
    {
        while (!_raft.IsTransferring && _kept.TryDequeue(out var request))
        {
            _keptBytes -= request.Payload.Length;
            if (request.Token is { } token)
            {
                ProposeOrForward(token, request.Payload.ToArray());
            }
            else
            {
                ProposeForwarded(request.Forward, request.Payload);
            }
        }
    }

    /// <param name="Token">Who waits here; null for a request of another member.</param>
    private sealed record KeptRequest(object? Token, ReadOnlyMemory<byte> Payload, Message Forward);
}
