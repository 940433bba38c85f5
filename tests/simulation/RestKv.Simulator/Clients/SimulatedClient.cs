using RestKv.Checkers.History;
using RestKv.Core.Commands;
using RestKv.Raft;
using RestKv.Simulator.Engine;

namespace RestKv.Simulator.Clients;

/// <summary>
/// One client: asks, waits, notes what it was told, asks again. With an idempotency key it repeats what it does not know
/// the outcome of; without, it writes it off as unknown.
/// </summary>
internal sealed class SimulatedClient
{
    private const long TimeoutOfCall = Time.Second;

    /// <summary>Outcomes are remembered for 60 s at least; a client stops well before.</summary>
    private const long RetryMax = 40 * Time.Second;

    private readonly Simulation _simulation;
    private readonly SimulationRandom _random;
    private readonly RequestGenerator _requests;
    private readonly int _number;
    private GeneratedRequest? _request;
    private int _operationId;
    private int _attempt;
    private bool _mayHaveHappened;
    private bool _crashedBetween;
    private long _start;

    public SimulatedClient(Simulation simulation, int number, SimulationRandom random)
    {
        _simulation = simulation;
        _random = random;
        _number = number;
        _requests = new RequestGenerator(simulation.Options, random.Fork(), number, simulation.Knowledge);
    }

    public void Begin() => _simulation.Scheduler.After(Think(), Next);

    private void Next()
    {
        if (_simulation.IsOver)
        {
            return;
        }

        _operationId = _simulation.NextOperationId();
        _request = _requests.Next(_operationId);
        _mayHaveHappened = false;
        _crashedBetween = false;
        _start = _simulation.Scheduler.Now;
        Send();
    }

    private void Send()
    {
        var attempt = ++_attempt;
        var node = _simulation.PickNode(_random);
        _simulation.Sometimes.HitIf(_mayHaveHappened, "retry of what may have happened");
        var request = Invariant.NotNull(_request);
        _simulation.Scheduler.After(TimeoutOfCall, () => Over(attempt, null, HistoryOutcome.Unknown));
        if (IsLost())
        {
            _simulation.Sometimes.Hit("request lost");
            return;
        }

        var call = new Call(_operationId, request.Request, request.Hash, (_, reply, outcome) => Answered(attempt, reply, outcome));
        _simulation.Scheduler.After(Travel(), () =>
        {
            if (node.Life is { } life)
            {
                node.After(0, life, () => life.Receive(call));
            }
            else
            {
                _simulation.Sometimes.Hit("request refused while down");
                Answered(attempt, null, HistoryOutcome.Fail);
            }
        });
    }

    private void Answered(int attempt, HistoryReply? reply, HistoryOutcome outcome)
    {
        if (IsLost())
        {
            _simulation.Sometimes.Hit("answer lost");
            return;
        }

        _crashedBetween |= outcome == HistoryOutcome.Unknown;
        _simulation.Scheduler.After(Travel(), () => Over(attempt, reply, outcome));
    }

    private void Over(int attempt, HistoryReply? reply, HistoryOutcome outcome)
    {
        if (attempt != _attempt)
        {
            _simulation.Sometimes.HitIf(reply is not null, "answer after the client gave up");
            return;
        }

        _attempt++;
        _mayHaveHappened |= outcome == HistoryOutcome.Unknown;
        var request = Invariant.NotNull(_request);
        _simulation.Sometimes.HitIf(outcome == HistoryOutcome.Unknown, "call of unknown outcome");
        var isSettled = outcome == HistoryOutcome.Ok || (outcome == HistoryOutcome.Fail && !_mayHaveHappened);
        var age = _simulation.Scheduler.Now - _start;
        if (!isSettled && request.IsRepeatable && age < RetryMax && !_simulation.IsOver)
        {
            _simulation.Scheduler.After(_random.Between(5, 200) * Time.Millisecond, Send);
            return;
        }

        // Who is not let in any more does not learn what became of an earlier attempt.
        var isTold = isSettled && !(_mayHaveHappened && IsRefusedForRights(reply));
        Record(request.Request, isTold ? reply : null, isTold ? outcome : HistoryOutcome.Unknown);
        _simulation.Scheduler.After(Think(), Next);
    }

    private static bool IsRefusedForRights(HistoryReply? reply) => reply is HistoryReply.Result
    {
        Value: OperationResult.Rejected { Rejection.Code: RejectionCode.AuthRequired or RejectionCode.PermissionDenied },
    };

    private void Record(HistoryRequest request, HistoryReply? reply, HistoryOutcome outcome)
    {
        if (outcome == HistoryOutcome.Unknown && request is not HistoryRequest.Submit)
        {
            return;
        }

        var operation = new HistoryOperation
        {
            Id = _operationId,
            Client = _number,
            Request = request,
            Start = _start,
            End = outcome == HistoryOutcome.Unknown ? HistoryOperation.Never : _simulation.Scheduler.Now,
            Outcome = outcome,
            Reply = outcome == HistoryOutcome.Ok ? reply : null,
        };
        _simulation.Record(operation);
        _requests.Learn(operation);
        Situations.Note(_simulation.Sometimes, operation, _crashedBetween);
    }

    private bool IsLost() => _simulation.IsFaulty(FaultClasses.ClientLoss) && _random.OneIn(40);

    private long Travel() => _random.LongTailed(20, 100, 1, 20_000) * Time.Microsecond;

    private long Think()
    {
        var options = _simulation.Options;
        var isTired = options.RestMsMax > 0 && _random.OneIn(SimulationOptions.RestEvery);
        return _random.Between(0, isTired ? options.RestMsMax * 1000L : options.ThinkMsMax * 1000L) * Time.Microsecond;
    }
}
