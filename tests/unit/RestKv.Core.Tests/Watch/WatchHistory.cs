using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Raft;

namespace RestKv.Core.Tests.Watch;

/// <summary>One change as the naive model remembers it.</summary>
internal sealed record ModelChange(long Revision, int Sub, byte[] Key, byte[] Value, bool IsDelete, byte[]? Previous);

/// <summary>The real store beside the dumbest possible record of everything that was ever written to it.</summary>
internal sealed class WatchHistory
{
    private readonly MvccState _store = new(new MvccOptions { ChunkBytes = 4096, RunBytes = 64 });
    private readonly Dictionary<string, byte[]> _state = [];
    private int _values;

    public List<ModelChange> Changes { get; } = [];

    public long Revision => _store.Revision;

    public long CompactedRevision => _store.CompactedRevision;

    public ReadView Publish() => _store.Publish();

    /// <summary>One revision of random puts and deletes; nothing happens when only missing keys are deleted.</summary>
    public void WriteRandom(SplitMix64 random, int changesMax)
    {
        var keys = Enumerable.Range(0, 1 + random.Next(changesMax)).Select(_ => WatchRandom.Key(random)).ToList();
        var deletes = random.Next(4) == 0;
        Write(keys.DistinctBy(Convert.ToHexString).Select(key => (key, deletes || random.Next(4) == 0)));
    }

    public void Put(params byte[][] keys) => Write(keys.Select(key => (key, false)));

    public void Delete(params byte[][] keys) => Write(keys.Select(key => (key, true)));

    public void Compact(long revision)
    {
        _store.Compact(revision);
        while (_store.CompactStep(1_000))
        {
        }
    }

    /// <summary>Live keys and values at a revision, by walking all changes.</summary>
    public SortedDictionary<string, byte[]> StateAt(long revision)
    {
        var state = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var change in Changes.Where(change => change.Revision <= revision))
        {
            if (change.IsDelete)
            {
                state.Remove(Convert.ToHexString(change.Key));
            }
            else
            {
                state[Convert.ToHexString(change.Key)] = change.Value;
            }
        }

        return state;
    }

    private void Write(IEnumerable<(byte[] Key, bool IsDelete)> operations)
    {
        var revision = _store.Revision + 1;
        var sub = 0;
        _store.Begin(1_000 + revision, "");
        foreach (var (key, isDelete) in operations)
        {
            var name = Convert.ToHexString(key);
            var before = _state.GetValueOrDefault(name);
            if (isDelete)
            {
                if (!_store.Delete(key, DeleteCause.Delete))
                {
                    Assert.Null(before);
                    continue;
                }

                _state.Remove(name);
                Changes.Add(new ModelChange(revision, sub++, key, [], true, before));
                continue;
            }

            var value = BitConverter.GetBytes(_values++);
            _store.Put(key, value, LeaseId.None);
            _state[name] = value;
            Changes.Add(new ModelChange(revision, sub++, key, value, false, before));
        }

        _store.End();
    }
}
