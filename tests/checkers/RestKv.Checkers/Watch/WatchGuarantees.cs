using RestKv.Checkers.Model;
using RestKv.Checkers.Witness;

namespace RestKv.Checkers.Watch;

/// <summary>
/// The promises of a watch, against the model's history: ordered (I20), unique (I21), without gap (I22), atomic (I23),
/// resumable (I24), bookmarks true (I25), filters and previous values exact (I26).
/// </summary>
public sealed class WatchGuarantees
{
    private readonly KvModel _model;
    private readonly WatchStream _stream;
    private readonly List<Violation> _violations = [];
    private readonly List<ModelChange> _expected;

    /// <summary>Everything up to here was delivered, with an id or a bookmark to prove it; -1 before the first open.</summary>
    private long _lastId = -1;
    private int _next;

    private WatchGuarantees(KvModel model, WatchStream stream)
    {
        _model = model;
        _stream = stream;
        _expected = [.. model.Changes.Where(Matches)];
    }

    public static IReadOnlyList<Violation> Check(KvModel model, WatchStream stream)
    {
        var check = new WatchGuarantees(model, stream);
        foreach (var connection in stream.Connections)
        {
            check.CheckConnection(connection);
        }

        check.CheckEnd();
        return check._violations;
    }

    private bool Matches(ModelChange change) => (change.IsDelete ? _stream.Deletes : _stream.Puts)
        && _stream.Ranges.Any(range => KvModel.IsIn(range, change.Name));

    private void CheckConnection(WatchConnection connection)
    {
        if (connection.IsResume && connection.From != _lastId + 1)
        {
            Report("I24", $"resumed from {connection.From} after id {_lastId}");
        }

        // What earlier connections were given counts for one that resumes, which asks for no more than that; one that begins
        // anew, perhaps further back, may be refused at once for what it asks itself.
        var isOpen = false;
        long from = connection.From;
        foreach (var frame in connection.Frames)
        {
            switch (frame)
            {
                case WatchFrame.Open open:
                    isOpen = true;
                    from = CheckOpen(connection, open);
                    break;
                case WatchFrame.Event or WatchFrame.Progress when !isOpen:
                    Report("I20", "frame before open");
                    return;
                case WatchFrame.Event sent:
                    if (!CheckEvent(sent))
                    {
                        return;
                    }

                    break;
                case WatchFrame.Progress progress:
                    CheckProgress(progress);
                    break;
                case WatchFrame.Compacted compacted:
                    CheckCompacted(compacted, isOpen ? Math.Max(from, _lastId + 1) : from);
                    break;
            }
        }
    }

    private long CheckOpen(WatchConnection connection, WatchFrame.Open open)
    {
        var from = connection.From == 0 ? open.Revision + 1 : connection.From;
        if (open.From != from)
        {
            Report("I24", $"asked from {connection.From} at revision {open.Revision}, opened from {open.From}");
        }

        if (open.Revision > _model.Revision)
        {
            Report("I19", $"opened at revision {open.Revision}, which never was committed");
        }

        _lastId = from - 1;
        _next = _expected.FindIndex(change => change.Revision >= from);
        _next = _next < 0 ? _expected.Count : _next;
        return from;
    }

    /// <summary>The event must be exactly the next one expected. Says false when the rest makes no sense any more.</summary>
    private bool CheckEvent(WatchFrame.Event sent)
    {
        var got = sent.Change;
        var revision = got.KeyValue.ModRevision;
        if (_next < _expected.Count && ReplyComparison.Differ(_expected[_next], got) is null)
        {
            var want = _expected[_next];
            _next++;
            CheckPrevious(want, got.Previous is { } previous ? previous : null);
            var isLast = _next == _expected.Count || _expected[_next].Revision != want.Revision;
            if (sent.HasId != isLast)
            {
                var id = sent.HasId ? "with" : "without";
                Report("I23", $"{ReplyComparison.Show(want)} came {id} an id, {(isLast ? "nothing" : "more")} of its revision follows");
            }

            _lastId = sent.HasId ? revision : _lastId;
            return true;
        }

        var name = Bytes.Name(got.KeyValue.Key);
        var place = _expected.FindIndex(change => change.Revision == revision && change.Name == name && ReplyComparison.Differ(change, got) is null);
        var next = _next < _expected.Count ? ReplyComparison.Show(_expected[_next]) : "nothing more";
        if (place < 0)
        {
            var isReal = _model.ChangesBetween(revision, revision).Any(change => change.Name == name && ReplyComparison.Differ(change, got) is null);
            Report("I26", $"event {name} at {revision} {(isReal ? "is not of this watch" : "never happened so")}; expected {next}");
            return false;
        }

        Report(place < _next ? "I21" : "I22", place < _next
            ? $"event {name} at {revision} came again or out of order; expected {next}"
            : $"gap: event {name} at {revision} came, {place - _next} before it did not, the first {next}");
        return false;
    }

    private void CheckPrevious(ModelChange want, RestKv.Core.Model.KeyValue? previous)
    {
        if (!_stream.WithPrevious)
        {
            return;
        }

        var mayBeAbsent = want.Previous is null || want.Revision - 1 < _model.CompactedRevision;
        if (previous is null ? !mayBeAbsent : ReplyComparison.Differ(want.Previous, previous) is not null)
        {
            var expected = ReplyComparison.Show(want.Previous);
            Report("I26", $"previous of {want.Name} at {want.Revision}: expected {expected}, got {ReplyComparison.Show(previous)}");
        }
    }

    private void CheckProgress(WatchFrame.Progress progress)
    {
        if (progress.Revision > _model.Revision)
        {
            Report("I25", $"bookmark {progress.Revision} is beyond the last revision {_model.Revision}");
        }
        else if (_next < _expected.Count && _expected[_next].Revision <= progress.Revision)
        {
            Report("I25", $"bookmark {progress.Revision} came before {ReplyComparison.Show(_expected[_next])}");
        }
        else if (progress.Revision < _lastId)
        {
            Report("I20", $"bookmark {progress.Revision} after id {_lastId}");
        }

        _lastId = Math.Max(_lastId, progress.Revision);
    }

    private void CheckCompacted(WatchFrame.Compacted compacted, long needed)
    {
        if (compacted.Floor > _model.CompactedRevision || needed >= compacted.Floor)
        {
            Report("I22", $"ended as compacted at {compacted.Floor}, but needed only {needed} and later (last floor {_model.CompactedRevision})");
        }
    }

    private void CheckEnd()
    {
        if (_next < _expected.Count && _expected[_next].Revision <= _stream.ExpectedThrough)
        {
            Report("I33", $"never got {ReplyComparison.Show(_expected[_next])}, although it had time to");
        }
    }

    private void Report(string rule, string message) => _violations.Add(new Violation(rule, $"watch {_stream.Id}: {message}"));
}
