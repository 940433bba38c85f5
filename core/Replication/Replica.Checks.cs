using RestKv.Core.Commands;

namespace RestKv.Core.Replication;

/// <summary>Comparing the members' states: the leader marks places, every member reports.</summary>
public sealed partial class Replica
{
    private readonly StateCheck _stateCheck;
    private long _nextMarkMs;
    private bool _isMarking;

    /// <summary>In this leadership.</summary>
    private bool _isMarkingBegun;
    private bool _isMarkWanted;

    /// <summary>A majority of the voters has another state than this member, which therefore must not answer.</summary>
    public bool HasDiverged => _stateCheck.HasDiverged;

    /// <summary>Comparisons in which a majority agreed with this member.</summary>
    internal long StateAgreements => _stateCheck.Agreements;

    /// <summary>A member that was outvoted must not lead: it hands over, and stands no more.</summary>
    private void LeaveOfficeIfDiverged()
    {
        if (HasDiverged)
        {
            _raft.BecomeUnfit();
        }
    }

    private void MarkState(long nowMs)
    {
        if (!_isMarkingBegun)
        {
            // A new leadership moves the log also when nobody writes, and the reports tell how far the disks hold it.
            (_isMarkingBegun, _isMarkWanted) = (true, true);
            _nextMarkMs = nowMs + _config.StateCheckMs;
        }

        if (_isMarking || nowMs < _nextMarkMs || _raft.Membership.Voters.Length < 2
            || (!_isMarkWanted && _machine.Store.Revision == _stateCheck.MarkedRevision))
        {
            return;
        }

        (_isMarking, _isMarkWanted) = (true, false);
        _nextMarkMs = nowMs + _config.StateCheckMs;
        ProposeOwn(new StateMarking(), new Command.StateMark());
    }

    private void ReportState()
    {
        if (_stateCheck.TryTakeReport(out var index, out var digest))
        {
            ProposeOrForward(new StateReporting(), EncodeOwn(new Command.StateReport(_raft.Self, index, digest)));
        }
    }

    private sealed record StateMarking;

    private sealed record StateReporting;
}
