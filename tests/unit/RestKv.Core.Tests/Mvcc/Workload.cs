using System.Text;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Raft;

namespace RestKv.Core.Tests.Mvcc;

/// <summary>Seeded random requests, applied to the real store and to the model alike.</summary>
internal sealed class Workload(ulong seed, int keys, int valueBytesMax = 40)
{
    private static readonly string[] Authors = ["", "alice", "bob", "carol", "dave", "erin"];

    private readonly SplitMix64 _random = new(seed);
    private long _wallTimeMs = 1_700_000_000_000;

    public SplitMix64 Random => _random;

    public byte[] Key()
    {
        var number = _random.Next(keys);
        return Encoding.ASCII.GetBytes((number % 3) switch
        {
            0 => $"/a/{number:d5}",
            1 => $"/a/long/prefix/shared/by/many/keys/{number}",
            _ => $"z{number}",
        });
    }

    public byte[] Value()
    {
        var value = new byte[_random.Next(valueBytesMax + 1)];
        for (var i = 0; i < value.Length; i++)
        {
            value[i] = (byte)('a' + _random.Next(26));
        }

        return value;
    }

    /// <summary>One request of up to eight changes, keys within it not repeated by puts (as transactions guarantee).</summary>
    public void Request(MvccState state, MvccModel model)
    {
        _wallTimeMs += _random.Next(1000);
        var author = Authors[_random.Next(Authors.Length)];
        state.Begin(_wallTimeMs, author);
        model.Begin(_wallTimeMs, author);
        var puts = new HashSet<string>();
        var changes = _random.Next(8) == 0 ? _random.Next(8) : 1;
        for (var i = 0; i < changes; i++)
        {
            var key = Key();
            if (_random.Next(4) == 0)
            {
                var cause = (DeleteCause)(1 + _random.Next(4));
                Assert.Equal(model.Delete(key, cause), state.Delete(key, cause));
            }
            else if (puts.Add(Convert.ToHexString(key)))
            {
                var value = Value();
                var lease = new LeaseId(_random.Next(3) == 0 ? _random.Next(5) : 0);
                model.Put(key, value, lease);
                state.Put(key, value, lease);
            }
        }

        var probe = Key();
        var newest = model.Newest(probe);
        Assert.Equal(newest is not null, state.TryGet(probe, out var actual));
        Assert.Equal(newest is null ? "" : Same.Text(newest.Value), newest is null ? "" : Same.Text(actual));
        Assert.Equal(model.End(), state.End());
    }

    public KeyRange Range()
    {
        var start = _random.Next(5) == 0 ? [] : Key();
        var end = Key();
        return _random.Next(5) switch
        {
            0 => KeyRange.All,
            1 => KeyRange.Single(start),
            2 => KeyRange.From(start),
            3 => KeyRange.Prefix(start.AsMemory(0, Math.Min(start.Length, _random.Next(6)))),
            _ => KeyRange.Between(start, end),
        };
    }
}
