using RestKv.Raft;

namespace RestKv.Core.Mvcc;

/// <summary>Building a state from the records of a snapshot.</summary>
public sealed partial class MvccState
{
    /// <summary>
    /// Takes records in the order of a snapshot and checks that they can be a history: whatever a state can have written
    /// is accepted, anything else is refused as <see cref="SnapshotCorruptException"/>.
    /// </summary>
    internal sealed class Restore
    {
        private readonly MvccState _state;
        private readonly long _compacted;
        private readonly long _revision;
        private readonly List<long> _bases = [];
        private readonly List<long> _changes = [];
        private long _currentRevision;
        private int _nextSubRevision;
        private bool _isRevisionOpen;
        private int _warmed;

        public Restore(MvccOptions options, long compacted, long revision)
        {
            _state = new MvccState(options);
            _compacted = compacted;
            _revision = revision;

            // The first change in a snapshot: nothing has revision 1.
            _currentRevision = Math.Max(compacted, 2) - 1;
        }

        /// <summary>True when the compacted revision is one that no change has.</summary>
        public bool HasHole { get; private set; }

        public int InternAuthor(string name) => _state._authors.Intern(name);

        /// <summary>A key as it was before the first retained change. Reads key and value from the source.</summary>
        public void AddBase(RecordHeader header, SnapshotBlockReader from)
        {
            Check(header.ModRevision < _compacted, "a base record that is not below the compacted revision");
            Check(!header.IsDeletion, "a deletion as base record");
            SetCreation(ref header);
            CheckLife(in header);
            var chunk = _state.RoomInSettled(header.Size);
            var key = ReadContent(chunk, in header, from)[..header.KeyLength];
            Check(_bases.Count == 0 || Key(_bases[^1]).SequenceCompareTo(key) < 0, "keys out of order");
            CountKey(1, key.Length);
            _state.Link(chunk, ref header, Address.None);
            _bases.Add(_state._lastRecord);
        }

        /// <summary>The next change. Reads key and value from the source; its key's chain is made at the end.</summary>
        public void AddChange(RecordHeader header, SnapshotBlockReader from)
        {
            if (!_isRevisionOpen)
            {
                _currentRevision++;
                _nextSubRevision = 0;
            }

            Check(_currentRevision <= _revision, "a change above the revision");
            Check(_nextSubRevision < int.MaxValue, "too many changes in a revision");
            header.ModRevision = _currentRevision;
            header.SubRevision = _nextSubRevision++;
            _isRevisionOpen = (header.Flags & RecordFlags.LastOfRevision) == 0;
            if (!header.IsDeletion)
            {
                SetCreation(ref header);
            }

            var chunk = _state.RoomInLog(header.Size);
            ReadContent(chunk, in header, from);
            _state.Link(chunk, ref header, Address.None);
            _state._log.Append(_state._lastRecord, header.Size, header.ModRevision);
            _changes.Add(_state._lastRecord);
        }

        /// <summary>The compacted revision has no changes: the store jumped there.</summary>
        public void AddHole()
        {
            Check(_compacted > MvccSnapshot.FirstRevision && !HasHole && _changes.Count == 0, "a hole that can be none");
            HasHole = true;
            _currentRevision++;
        }

        public MvccState Finish(ulong digest, long keyCount)
        {
            Check(!_isRevisionOpen, "the last revision is cut short");
            Check(_currentRevision == _revision, "changes missing");
            LinkKeys();
            Check(_state.KeyCount == keyCount, "keys missing");
            SumRetiredBytes();
            _state.Revision = _revision;
            _state.CompactedRevision = _compacted;
            _state._digest = digest;
            _state._retiredAtCompacted = _state.RetiredAt(_compacted);
            return _state;
        }

        /// <summary>
        /// Chains the versions of every key and builds the index in one go: sorting all changes and merging them with the
        /// base records takes a quarter of the time of looking every change up (see DESIGN.md for the figures).
        /// </summary>
        private void LinkKeys()
        {
            var loader = new PackedTree.Loader(_state._index);
            var order = KeySort.Sort(_changes.Count, change => Key(_changes[change]));
            var nextBase = 0;
            var warmed = 0;
            for (var i = 0; i < order.Length;)
            {
                if (i >= warmed)
                {
                    warmed = Warm(order, i);
                }

                var key = Key(_changes[order[i]]);
                var head = Address.None;
                for (; nextBase < _bases.Count && Key(_bases[nextBase]).SequenceCompareTo(key) <= 0; nextBase++)
                {
                    if (Key(_bases[nextBase]).SequenceEqual(key))
                    {
                        head = _bases[nextBase];
                    }
                    else
                    {
                        loader.Append(Key(_bases[nextBase]), _bases[nextBase]);
                    }
                }

                for (; i < order.Length && Key(_changes[order[i]]).SequenceEqual(key); i++)
                {
                    head = Chain(_changes[order[i]], head);
                }

                loader.Append(key, head);
            }

            for (; nextBase < _bases.Count; nextBase++)
            {
                loader.Append(Key(_bases[nextBase]), _bases[nextBase]);
            }

            loader.Finish();
        }

        /// <summary>
        /// Touches the next records in sorted order. Nothing depends on what is read, so the processor fetches many from
        /// memory at a time, where the loop that needs them would wait for each in turn (measured: a third of its time).
        /// </summary>
        private int Warm(int[] order, int from)
        {
            var to = Math.Min(from + 32, order.Length);
            for (var i = from; i < to; i++)
            {
                var key = Key(_changes[order[i]]);
                _warmed += key.Length == 0 ? 0 : key[^1];
            }

            return to;
        }

        private long Chain(long change, long head)
        {
            ref var header = ref _state.Header(change);
            CheckSuccession(in header, head);
            header.RetiredBytes = Account(in header, head);
            header.Previous = head;
            if (head != Address.None)
            {
                _state.Header(head).Next = change;
            }

            return change;
        }

        /// <summary>So far each change has what it retired itself; what counts is the sum before it.</summary>
        private void SumRetiredBytes()
        {
            foreach (var change in _changes)
            {
                ref var header = ref _state.Header(change);
                var own = header.RetiredBytes;
                header.RetiredBytes = _state._retiredBytes;
                _state._retiredBytes += own;
            }
        }

        private ReadOnlySpan<byte> Key(long address) =>
            Invariant.NotNull(_state._space.Find(address)).Key(Address.Offset(address));

        private static ReadOnlySpan<byte> ReadContent(Chunk chunk, in RecordHeader header, SnapshotBlockReader from)
        {
            var content = chunk.Data.AsSpan(
                chunk.Used + RecordHeader.Bytes, header.KeyLength + header.ValueLength);
            from.Bytes(content);
            return content;
        }

        /// <summary>A snapshot gives the distance from creation to modification.</summary>
        private static void SetCreation(ref RecordHeader header)
        {
            header.CreateRevision = header.ModRevision - header.CreateRevision;
            Check(header.CreateRevision > 1, "a creation before the first revision");
        }

        private static void CheckLife(in RecordHeader header) =>
            Check(header.Version > 1 || (header.Version == 1 && header.CreateRevision == header.ModRevision), "bad version");

        private void CheckSuccession(in RecordHeader header, long head)
        {
            // What a change at the compacted revision itself took the place of is no longer known.
            var isKnown = head != Address.None || header.ModRevision > _compacted;
            var before = head == Address.None ? default : _state.Header(head);
            var isAlive = head != Address.None && !before.IsDeletion;
            if (header.IsDeletion)
            {
                Check(isAlive || !isKnown, "a deletion of nothing");
                return;
            }

            CheckLife(in header);
            if (isAlive)
            {
                Check(header.CreateRevision == before.CreateRevision, "creation changed");
                Check(header.Version == before.Version + 1, "version skipped");
            }
            else if (isKnown)
            {
                Check(header.CreateRevision == header.ModRevision && header.Version == 1, "a life without a start");
            }
        }

        /// <summary>Counts the key; returns the bytes that the change retires.</summary>
        private long Account(in RecordHeader header, long head)
        {
            var isAlive = head != Address.None && !_state.Header(head).IsDeletion;
            if (header.IsDeletion && isAlive)
            {
                CountKey(-1, header.KeyLength);
            }
            else if (!header.IsDeletion && !isAlive)
            {
                CountKey(1, header.KeyLength);
            }

            return (isAlive ? _state.Header(head).Size : 0) + (header.IsDeletion ? header.Size : 0);
        }

        private void CountKey(int sign, int keyLength)
        {
            _state.KeyCount += sign;
            _state.IndexBytes += sign * (keyLength + IndexEntryBytes);
        }

        private static void Check(bool isSound, string message) => SnapshotBlockReader.Check(isSound, message);
    }
}
