using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using RestKv.Checkers.Model;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Simulator.Engine;

namespace RestKv.Simulator.Clients;

/// <summary>Random puts, deletes and transactions. Values are never repeated, so that each tells who wrote it.</summary>
internal sealed class OperationGenerator(SimulationOptions options, SimulationRandom random, Knowledge known)
{
    private int _part;

    public Operation Next(int id)
    {
        _part = 0;
        return random.Next(20) switch
        {
            < 9 => Put(Key(), id),
            < 12 => new Operation.Delete(KeyRange.Single(Key()), random.OneIn(2)),
            < 13 => new Operation.Delete(Range(), random.OneIn(2)),
            < 17 => CompareAndSet(id),
            _ => Several(id, depth: 0),
        };
    }

    public byte[] Key() => Encoding.ASCII.GetBytes(NameOf(random.Next(options.Keys)));

    public KeyRange Range() => random.Next(4) switch
    {
        0 => KeyRange.All,
        1 => KeyRange.Prefix(Encoding.ASCII.GetBytes($"k/{random.Next(3)}")),
        2 => KeyRange.From(Key()),
        _ => KeyRange.Between(Key(), Key()),
    };

    public LeaseId Lease() => known.Leases.Count == 0 || random.OneIn(20) ? new LeaseId(1 + random.Next(5)) : random.Pick(known.Leases);

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"k/{number % 3}/{number}");

    private Operation.Put Put(byte[] key, int id)
    {
        var put = new Operation.Put(key, Value(id)) { ReturnPrevious = random.OneIn(4) };
        if (!random.Percent(options.LeasePercent))
        {
            return put;
        }

        return random.Next(5) switch
        {
            0 => put with { OwnTtlSeconds = 1 + random.Next(4) },
            1 => put with { KeepLease = true, LenientKeep = random.OneIn(2) },
            2 => put with { KeepValue = true, Value = default },
            _ => put with { Lease = Lease() },
        };
    }

    private byte[] Value(int id)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"v{id}.{_part++}");
        return Encoding.ASCII.GetBytes(text.PadRight(Math.Max(text.Length, random.Next(options.ValueBytesMax)), '.'));
    }

    private Operation.Txn CompareAndSet(int id)
    {
        var key = Key();
        var get = new Operation.Get(new RangeRequest(KeyRange.Single(key)));
        return new Operation.Txn([Compare(key)], [random.OneIn(5) ? new Operation.Delete(KeyRange.Single(key)) : Put(key, id)], [get]);
    }

    private Compare Compare(byte[] key)
    {
        var range = KeyRange.Single(key);
        var now = known.Entries.TryGetValue(Bytes.Name(key), out var entry) ? entry : default;
        var op = random.OneIn(3) ? (CompareOperator)random.Next(4) : CompareOperator.Equal;
        return random.Next(7) switch
        {
            0 => new Compare(range, CompareTarget.Value, op, 0, now.Value),
            1 => new Compare(range, CompareTarget.Version, op, now.Version, default),
            2 => new Compare(range, CompareTarget.CreateRevision, op, 0, default),
            3 => new Compare(range, CompareTarget.Lease, op, now.Lease.Value, default),
            4 => new Compare(Range(), CompareTarget.ModRevision, CompareOperator.Less, known.Revision + 1, default),
            _ => new Compare(range, CompareTarget.ModRevision, op, now.ModRevision, default),
        };
    }

    /// <summary>Several keys at once; keys are dealt out so that none is written twice, which would be refused.</summary>
    private Operation.Txn Several(int id, int depth)
    {
        var numbers = Enumerable.Range(0, options.Keys).OrderBy(_ => random.NextSeed()).Take(6).Order().ToList();
        return Several(id, depth, new Queue<int>(numbers));
    }

    private Operation.Txn Several(int id, int depth, Queue<int> keys)
    {
        ImmutableArray<Compare> conditions = random.OneIn(2) ? [Compare(Key())] : [];
        return new Operation.Txn(conditions, Branch(id, depth, keys), random.OneIn(2) ? Branch(id, depth, keys) : []);
    }

    private ImmutableArray<Operation> Branch(int id, int depth, Queue<int> keys)
    {
        var branch = ImmutableArray.CreateBuilder<Operation>();
        for (var i = 1 + random.Next(3); i > 0; i--)
        {
            var kind = random.Next(6);
            if (kind == 0 || keys.Count == 0)
            {
                branch.Add(new Operation.Get(new RangeRequest(random.OneIn(2) ? KeyRange.Single(Key()) : Range())
                {
                    Revision = random.OneIn(5) ? Math.Max(1, known.Revision + 1 - random.Next(30)) : 0,
                }));
            }
            else if (kind == 1 && depth < 2)
            {
                branch.Add(Several(id, depth + 1, keys));
            }
            else
            {
                var key = Encoding.ASCII.GetBytes(NameOf(keys.Dequeue()));
                branch.Add(kind == 2 ? new Operation.Delete(KeyRange.Single(key), random.OneIn(2)) : Put(key, id));
            }
        }

        return branch.ToImmutable();
    }
}
