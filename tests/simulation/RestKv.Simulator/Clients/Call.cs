using RestKv.Checkers.History;

namespace RestKv.Simulator.Clients;

/// <summary>One attempt of a client's operation, on its way to a member and back. Ends once, however it ends.</summary>
internal sealed class Call(int operationId, HistoryRequest operation, ulong requestHash, Action<Call, HistoryReply?, HistoryOutcome> onEnd)
{
    private bool _isOver;

    public int OperationId { get; } = operationId;

    public HistoryRequest Operation { get; } = operation;

    public ulong RequestHash { get; } = requestHash;

    /// <summary>It reached a member that did not lead.</summary>
    public bool IsForwarded { get; set; }

    public void Answer(HistoryReply? reply, HistoryOutcome outcome)
    {
        if (!_isOver)
        {
            _isOver = true;
            onEnd(this, reply, outcome);
        }
    }

    /// <summary>The process died with the request in hand.</summary>
    public void Broken() => Answer(null, HistoryOutcome.Unknown);
}
