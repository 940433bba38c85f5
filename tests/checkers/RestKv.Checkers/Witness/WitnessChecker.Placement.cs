using RestKv.Checkers.History;
using RestKv.Checkers.Model;
using RestKv.Core.Commands;

namespace RestKv.Checkers.Witness;

public sealed partial class WitnessChecker
{
    private int LastPosition => _order.Count;

    /// <summary>Every acknowledged operation has a place, no failed one has, and reads are right at their revision.</summary>
    private void CheckPlacement()
    {
        foreach (var operation in _operations)
        {
            var isPlaced = _positionOf.ContainsKey(operation.Id);
            if (operation.Outcome == HistoryOutcome.Fail && isPlaced)
            {
                Report("I18", $"answered as not applied, but entry {_positionOf[operation.Id]} applies it", operation.Id);
            }

            if (operation.Outcome != HistoryOutcome.Ok)
            {
                continue;
            }

            switch (operation.Request)
            {
                case HistoryRequest.Submit when !isPlaced && !_fits.ContainsKey(operation.Id):
                    Report("I19", $"acknowledged at revision {operation.Revision}, but no place in the order gives its answer", operation.Id);
                    break;
                case HistoryRequest.Lease when !_fits.ContainsKey(operation.Id):
                    Report("I11", $"lease answer fits no state of revision {operation.Revision}", operation.Id);
                    break;
                case HistoryRequest.Read or HistoryRequest.KeyHistory:
                    CheckRead(operation);
                    break;
            }
        }
    }

    private void CheckRead(HistoryOperation operation)
    {
        var revision = operation.Revision;
        if (revision < 1 || revision > _model.Revision)
        {
            Report("I19", $"read at revision {revision}, which never was committed (the last is {_model.Revision})", operation.Id);
            return;
        }

        var floorMin = _floorAt[FirstOf(revision)];
        var floorMax = _floorAt[LastOf(revision)];
        if (operation.Request is HistoryRequest.KeyHistory history)
        {
            CheckHistory(operation, history, floorMin, floorMax);
            return;
        }

        var request = ((HistoryRequest.Read)operation.Request).Range;
        var actual = (operation.Reply as HistoryReply.Result)?.Value;
        if (actual is OperationResult.Rejected { Rejection.Code: RejectionCode.RevisionCompacted } compacted)
        {
            var floor = compacted.Rejection.Number;
            if ((request.Revision >= 0 && request.Revision >= floor) || floor < floorMin || floor > floorMax)
            {
                Report("I16", $"refused as compacted at {floor}, the floor was in [{floorMin}, {floorMax}], asked {request.Revision}", operation.Id);
            }

            return;
        }

        var expected = _model.Read(request, revision, floorMin);
        var difference = (expected, actual) switch
        {
            (OperationResult.Get want, OperationResult.Get got) => ReplyComparison.Differ(request, want.Result, got.Result),
            (OperationResult.Rejected want, OperationResult.Rejected got) when want.Rejection == got.Rejection => null,
            _ => $"expected {ReplyComparison.Show(expected)}, got {(actual is null ? "nothing" : ReplyComparison.Show(actual))}",
        };
        if (difference is not null)
        {
            Report(request.Revision == 0 ? "I15" : "I16", $"read at revision {revision}: {difference}", operation.Id);
        }
    }

    /// <summary>The retained versions: all above the floor, and below it at most the one a read at the floor needs.</summary>
    private void CheckHistory(HistoryOperation operation, HistoryRequest.KeyHistory request, long floorMin, long floorMax)
    {
        if (operation.Reply is not HistoryReply.Versions reply)
        {
            Report("I16", "history was not answered with versions", operation.Id);
            return;
        }

        if (reply.CompactedRevision < floorMin || reply.CompactedRevision > floorMax)
        {
            Report("I16", $"states floor {reply.CompactedRevision}, it was in [{floorMin}, {floorMax}]", operation.Id);
            return;
        }

        var upTo = request.Revision > 0 ? Math.Min(request.Revision, reply.Revision) : reply.Revision;
        var all = _model.Versions(Bytes.Name(request.Key), upTo).Take(reply.Items.Count + 2).ToList();
        var required = all.TakeWhile(change => change.Revision > reply.CompactedRevision).Count();
        var allowed = Math.Min(all.Count, required + 1);
        if (reply.Items.Count < required || reply.Items.Count > allowed)
        {
            Report(
                "I16",
                $"history at {reply.Revision} over floor {reply.CompactedRevision} has {reply.Items.Count} versions, not {required} to {allowed}",
                operation.Id);
            return;
        }

        // A put at or below the floor is still what a read at the floor shows, so it must be there.
        if (reply.Items.Count == required && allowed > required && !all[required].IsDelete)
        {
            Report("I16", $"history at {reply.Revision} lost {ReplyComparison.Show(all[required])}", operation.Id);
        }

        for (var i = 0; i < reply.Items.Count; i++)
        {
            if (ReplyComparison.Differ(all[i], reply.Items[i]) is { } difference)
            {
                Report("I16", $"version {i}: {difference}", operation.Id);
            }
        }
    }

    private int FirstOf(long revision) => _firstOfRevision[(int)revision];

    private int LastOf(long revision) =>
        revision + 1 < _firstOfRevision.Count ? _firstOfRevision[(int)revision + 1] - 1 : LastPosition;
}
