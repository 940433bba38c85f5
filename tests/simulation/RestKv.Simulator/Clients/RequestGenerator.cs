using RestKv.Checkers.History;
using RestKv.Checkers.Model;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Simulator.Engine;

namespace RestKv.Simulator.Clients;

/// <summary>Random traffic over every feature. A feature that is not here is not tested: what is new enters on its first day.</summary>
internal sealed class RequestGenerator(SimulationOptions options, SimulationRandom random, int client, Knowledge known)
{
    private readonly OperationGenerator _operations = new(options, random, known);

    public GeneratedRequest Next(int id)
    {
        var access = new AccessGenerator(options, random, _operations);
        if (options.AuthPercent > 0 && access.IsDue)
        {
            return new GeneratedRequest(access.Change(), 0, IsRepeatable: false);
        }

        var next = NextOfAll(id);
        return next.Request is HistoryRequest.Submit submit ? next with { Request = access.InName(submit) } : next;
    }

    private GeneratedRequest NextOfAll(int id)
    {
        if (random.Percent(options.LeasePercent))
        {
            return MakeLease(id);
        }

        if (options.RetainedRevisions > 0 && random.OneIn(60))
        {
            return Plain(new Command.SetRetention(new Retention(options.RetainedRevisions, random.Pick([100, 1000]))));
        }

        return random.Percent(options.CompactPercent)
            ? Plain(new Command.Compact(Math.Max(1, known.Revision - random.Next(random.OneIn(4) ? 2 : 60))))
            : random.Percent(45) ? MakeRead() : MakeWrite(id);
    }

    /// <summary>Takes note of an answer.</summary>
    public void Learn(HistoryOperation operation)
    {
        known.Revision = Math.Max(known.Revision, operation.Revision);
        if (operation.Reply is not HistoryReply.Result { Value: var result })
        {
            return;
        }

        switch (result)
        {
            case OperationResult.Get get:
                foreach (var item in get.Result.Items)
                {
                    known.Entries[Bytes.Name(item.Key)] = item;
                }

                break;
            case OperationResult.LeaseGranted granted:
                known.AddLease(granted.Id);
                break;
            case OperationResult.Put { Lease: { IsNone: false } lease }:
                known.AddLease(lease);
                break;
        }
    }

    private static GeneratedRequest Plain(Command command) => new(new HistoryRequest.Submit(command), 0, IsRepeatable: false);

    private GeneratedRequest MakeWrite(int id)
    {
        var command = new Command.Write(_operations.Next(id));
        var author = random.Pick(["", "ann", "bob"]);
        if (!random.Percent(options.IdempotentPercent))
        {
            return new GeneratedRequest(new HistoryRequest.Submit(command, author), 0, IsRepeatable: false);
        }

        // Now and then a key that somebody used already, for another request.
        var isReused = known.IdempotencyKeys.Count > 0 && random.OneIn(30);
        var key = isReused ? random.Pick(known.IdempotencyKeys) : $"{client}-{id}";
        if (!isReused)
        {
            known.IdempotencyKeys.Add(key);
        }

        if (random.OneIn(15))
        {
            return new GeneratedRequest(
                new HistoryRequest.Submit(new Command.SettleOutcome(random.OneIn(3) ? $"{client}-{id + 7}" : key), author), 0, IsRepeatable: false);
        }

        return new GeneratedRequest(new HistoryRequest.Submit(command, author, key), (ulong)id, IsRepeatable: true);
    }

    private GeneratedRequest MakeLease(int id)
    {
        var own = random.OneIn(3) ? LeaseId.None : new LeaseId(1_000_000 + id);
        return random.Next(10) switch
        {
            < 3 => Plain(new Command.LeaseGrant(own, 1 + random.Next(4))),
            < 4 => Plain(new Command.LeaseGrant(_operations.Lease(), 1 + random.Next(4))),
            < 7 => Plain(new Command.LeaseRenew(random.OneIn(3) ? [_operations.Lease(), _operations.Lease()] : [_operations.Lease()])),
            < 8 => Plain(new Command.LeaseRevoke(_operations.Lease())),
            _ => new GeneratedRequest(new HistoryRequest.Lease(_operations.Lease()), 0, IsRepeatable: true),
        };
    }

    private GeneratedRequest MakeRead()
    {
        var isLocal = random.OneIn(5);
        if (random.OneIn(12))
        {
            return new GeneratedRequest(new HistoryRequest.KeyHistory(_operations.Key(), 0, isLocal), 0, IsRepeatable: true);
        }

        var request = random.OneIn(3) ? MakeRange() : new RangeRequest(KeyRange.Single(_operations.Key()));
        if (random.OneIn(6))
        {
            request = request with { Revision = Math.Max(1, known.Revision + 2 - random.Next(80)) };
        }

        return new GeneratedRequest(new HistoryRequest.Read(request, isLocal), 0, IsRepeatable: true);
    }

    private RangeRequest MakeRange()
    {
        var request = new RangeRequest(_operations.Range())
        {
            Limit = random.OneIn(2) ? 1 + random.Next(5) : 0,
            WantCount = random.OneIn(2),
            KeysOnly = random.OneIn(4),
            CountOnly = random.OneIn(8),
        };
        return random.Next(6) switch
        {
            0 => request with { SortOrder = SortOrder.Descending },
            1 => request with { SortTarget = SortTarget.ModRevision, SortOrder = SortOrder.Descending },
            2 => request with { SortTarget = SortTarget.Version, SortOrder = SortOrder.Ascending },
            3 => request with { MinModRevision = Math.Max(1, known.Revision - random.Next(40)) },
            4 => request with { MaxCreateRevision = Math.Max(1, known.Revision - random.Next(40)) },
            _ => request,
        };
    }
}
