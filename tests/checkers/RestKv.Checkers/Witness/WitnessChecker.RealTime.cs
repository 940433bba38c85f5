using RestKv.Checkers.History;

namespace RestKv.Checkers.Witness;

public sealed partial class WitnessChecker
{
    /// <summary>
    /// Gives every operation, in order of its start, the earliest place that is not before the place of an operation that
    /// had ended by then. If the earliest does not work no later one does, so greed is enough.
    /// </summary>
    private void CheckRealTime()
    {
        var running = new PriorityQueue<(int Id, int Position), long>();
        var latest = (Id: -1, Position: 0);
        foreach (var operation in _operations.OrderBy(operation => operation.Start))
        {
            while (running.TryPeek(out var ended, out var end) && end < operation.Start)
            {
                running.Dequeue();
                latest = ended.Position > latest.Position ? ended : latest;
            }

            if (Place(operation, latest) is { } position)
            {
                running.Enqueue((operation.Id, position), operation.End);
            }
        }
    }

    private int? Place(HistoryOperation operation, (int Id, int Position) latest)
    {
        if (_positionOf.TryGetValue(operation.Id, out var own))
        {
            if (own <= latest.Position)
            {
                Report("I13", $"took place at {own}, but an operation that ended before it began saw {latest.Position}", latest.Id, operation.Id);
            }

            return own;
        }

        if (operation.Outcome != HistoryOutcome.Ok)
        {
            return null;
        }

        if (_fits.TryGetValue(operation.Id, out var fits))
        {
            return PlaceAmong(operation, fits, latest);
        }

        var revision = operation.Revision;
        if (operation.Request is not (HistoryRequest.Read or HistoryRequest.KeyHistory) || revision < 1 || revision > _model.Revision)
        {
            return null;
        }

        var isLocal = operation.Request is HistoryRequest.Read { Local: true } or HistoryRequest.KeyHistory { Local: true };
        if (!isLocal && LastOf(revision) < latest.Position)
        {
            Report(
                "I13",
                $"stale: read revision {revision}, but an operation that ended before it began saw {_revisionAt[latest.Position]}",
                latest.Id,
                operation.Id);
        }

        return isLocal ? FirstOf(revision) : Math.Max(FirstOf(revision), latest.Position);
    }

    private int? PlaceAmong(HistoryOperation operation, List<int> fits, (int Id, int Position) latest)
    {
        // What has an entry must come strictly after; a mere question may be answered at the very place.
        var from = operation.Request is HistoryRequest.Submit && !IsReadOnlyTxn(operation) ? latest.Position + 1 : latest.Position;
        var found = fits.FindIndex(position => position >= from);
        if (found >= 0)
        {
            return fits[found];
        }

        Report("I13", $"its answer fits only before place {latest.Position}, which an ended operation had seen", latest.Id, operation.Id);
        return null;
    }
}
