using RestKv.Raft;

namespace RestKv.Core.Outcomes;

/// <summary>Hash to address, open addressing with linear probing in two flat arrays. Never enumerated.</summary>
internal sealed class OutcomeIndex
{
    private const long Empty = -1;
    private ulong[] _hashes = new ulong[1024];
    private long[] _addresses = NewAddresses(1024);
    private int _count;

    /// <summary>First slot that may hold the hash, or -1.</summary>
    public int First(ulong hash) => Probe((int)(hash & (ulong)(_hashes.Length - 1)), hash);

    public int Next(int slot, ulong hash) => Probe((slot + 1) & (_hashes.Length - 1), hash);

    public long Address(int slot) => _addresses[slot];

    public void Add(ulong hash, long address)
    {
        if ((_count + 1) * 2 > _hashes.Length)
        {
            Grow();
        }

        Place(hash, address);
        _count++;
    }

    public void Remove(ulong hash, long address)
    {
        var slot = First(hash);
        while (slot >= 0 && _addresses[slot] != address)
        {
            slot = Next(slot, hash);
        }

        Invariant.Check(slot >= 0);
        _count--;
        CloseGap(slot);
    }

    /// <summary>Backward-shift deletion (Knuth 6.4, algorithm R): no tombstones.</summary>
    private void CloseGap(int gap)
    {
        var mask = _hashes.Length - 1;
        var slot = gap;
        while (true)
        {
            slot = (slot + 1) & mask;
            if (_addresses[slot] == Empty)
            {
                _addresses[gap] = Empty;
                return;
            }

            var home = (int)(_hashes[slot] & (ulong)mask);
            if (((slot - home) & mask) >= ((slot - gap) & mask))
            {
                _hashes[gap] = _hashes[slot];
                _addresses[gap] = _addresses[slot];
                gap = slot;
            }
        }
    }

    private int Probe(int slot, ulong hash)
    {
        while (_addresses[slot] != Empty)
        {
            if (_hashes[slot] == hash)
            {
                return slot;
            }

            slot = (slot + 1) & (_hashes.Length - 1);
        }

        return -1;
    }

    private void Place(ulong hash, long address)
    {
        var slot = (int)(hash & (ulong)(_hashes.Length - 1));
        while (_addresses[slot] != Empty)
        {
            slot = (slot + 1) & (_hashes.Length - 1);
        }

        _hashes[slot] = hash;
        _addresses[slot] = address;
    }

    private void Grow()
    {
        var (hashes, addresses) = (_hashes, _addresses);
        _hashes = new ulong[hashes.Length * 2];
        _addresses = NewAddresses(hashes.Length * 2);
        for (var i = 0; i < hashes.Length; i++)
        {
            if (addresses[i] != Empty)
            {
                Place(hashes[i], addresses[i]);
            }
        }
    }

    private static long[] NewAddresses(int length)
    {
        var addresses = new long[length];
        Array.Fill(addresses, Empty);
        return addresses;
    }
}
