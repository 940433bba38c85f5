using RestKv.Checkers.Watch;
using RestKv.Core.Model;
using RestKv.Core.Watch;
using RestKv.Simulator.Cluster;
using RestKv.Simulator.Engine;

namespace RestKv.Simulator.Clients;

/// <summary>One logical watcher: opens, reads, is cut off, resumes after the last id it has seen, for the whole run.</summary>
internal sealed class SimulatedWatcher
{
    private readonly Simulation _simulation;
    private readonly SimulationRandom _random;
    private readonly WatchFilter _filter;
    private WatchConnection? _connection;
    private WatchSession? _session;
    private SimulatedNode? _node;
    private bool _isInsideRevision;

    /// <summary>Last id seen; -1 before the first.</summary>
    private long _lastId = -1;

    public SimulatedWatcher(Simulation simulation, int id, SimulationRandom random)
    {
        _simulation = simulation;
        _random = random;
        var operations = new OperationGenerator(simulation.Options, random.Fork(), new Knowledge());
        IReadOnlyList<KeyRange> ranges = random.Next(4) switch
        {
            0 => [KeyRange.All],
            1 => [KeyRange.Single(operations.Key())],
            2 => [KeyRange.Prefix("k/1"u8.ToArray()), KeyRange.Single(operations.Key())],
            _ => [operations.Range(), operations.Range()],
        };
        var types = random.Next(4) switch { 0 => WatchTypes.Put, 1 => WatchTypes.Delete, _ => WatchTypes.All };
        _filter = new WatchFilter(ranges.Select(WatchRange.Of), types);
        Stream = new WatchStream
        {
            Id = id,
            Ranges = ranges,
            Puts = (types & WatchTypes.Put) != 0,
            Deletes = (types & WatchTypes.Delete) != 0,
            WithPrevious = true,
        };
    }

    public WatchStream Stream { get; }

    public void Begin()
    {
        _simulation.Scheduler.After(_random.Between(0, 500) * Time.Millisecond, Connect);
        _simulation.Scheduler.After(_random.Between(100, 2000) * Time.Millisecond, Disturb);
    }

    private void Connect()
    {
        if (_session is not null)
        {
            return;
        }

        var node = _simulation.PickNode(_random);
        var isResume = _lastId >= 0;
        var from = isResume ? _lastId + 1 : _random.OneIn(2) ? 0 : Math.Max(1, _simulation.Knowledge.Revision + 3 - _random.Next(40));
        var connection = new WatchConnection { From = from, IsResume = isResume, Member = node.Id.Value };
        var session = new WatchSession(_simulation, _random.Fork(), Receive);
        var isOpen = false;
        if (node.Life is { } life && !node.IsPaused)
        {
            node.Guard(() => isOpen = life.TryOpenWatch(session, _filter, from));
        }

        if (!isOpen)
        {
            _simulation.Scheduler.After(_random.Between(10, 300) * Time.Millisecond, Connect);
            return;
        }

        _simulation.Sometimes.HitIf(isResume, "watch resumed");
        _simulation.Sometimes.HitIf(isResume && _isInsideRevision, "watch resumed inside a revision");
        _simulation.Sometimes.HitIf(isResume && _node is not null && _node != node, "watch resumed on another member");
        _isInsideRevision = false;
        Stream.Connections.Add(connection);
        (_connection, _session, _node) = (connection, session, node);
    }

    private void Receive(WatchSession session, WatchFrame frame)
    {
        if (session != _session)
        {
            return;
        }

        _connection?.Frames.Add(frame);
        switch (frame)
        {
            case WatchFrame.Open open:
                _lastId = open.From - 1;
                break;
            case WatchFrame.Event sent:
                _lastId = sent.HasId ? sent.Change.KeyValue.ModRevision : _lastId;
                _simulation.Sometimes.HitIf(_isInsideRevision && sent.HasId, "revision of several events seen whole");
                _isInsideRevision = !sent.HasId;
                if (_isInsideRevision && _simulation.IsFaulty(FaultClasses.WatchCut) && _random.OneIn(10))
                {
                    HangUp(session);
                }

                _simulation.Sometimes.HitIf(sent.Change.Cause == DeleteCause.Expire, "expiry seen by a watch");
                _simulation.Sometimes.HitIf(sent.Change.Cause == DeleteCause.Revoke, "revocation seen by a watch");
                _simulation.Sometimes.HitIf(sent.Change.Previous is not null, "event with the value before");
                _simulation.Sometimes.HitIf(sent.Change.IsDelete, "deletion seen by a watch");
                break;
            case WatchFrame.Progress progress:
                _lastId = progress.Revision;
                break;
            case WatchFrame.Compacted:
                // What was missed is missed: begin anew from now.
                _simulation.Sometimes.Hit("watch found history gone");
                _lastId = -1;
                Reconnect();
                break;
            case WatchFrame.Closed:
                Reconnect();
                break;
        }
    }

    /// <summary>Breaks the connection, or stops reading for a while.</summary>
    private void Disturb()
    {
        if (_session is { IsOpen: true } session && _simulation.IsFaulty(FaultClasses.WatchCut))
        {
            if (_random.OneIn(3))
            {
                session.StalledUntil = _simulation.Scheduler.Now + (_random.Between(10, 1500) * Time.Millisecond);
            }
            else
            {
                HangUp(session);
            }
        }

        _simulation.Scheduler.After(_random.Between(100, 2000) * Time.Millisecond, Disturb);
    }

    /// <summary>Hangs up for good.</summary>
    public void Leave()
    {
        if (_session is { IsOpen: true } session)
        {
            session.HangUp();
            _node?.Life?.CloseWatch(session);
        }
    }

    private void HangUp(WatchSession session)
    {
        session.HangUp();
        _node?.Life?.CloseWatch(session);
        Reconnect();
    }

    private void Reconnect()
    {
        _session = null;
        _connection = null;
        _simulation.Scheduler.After(_random.Between(1, 300) * Time.Millisecond, Connect);
    }
}
