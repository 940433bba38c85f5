using System.Globalization;
using RestKv.Api.Etcd.Messages;
using RestKv.Api.Watch;
using RestKv.Core.Watch;
using RestKv.Raft;
using static RestKv.Http.Tests.Etcd.Watches.WatchWords;
using WatchRequest = RestKv.Api.Etcd.Messages.WatchRequest;

namespace RestKv.Http.Tests.Etcd.Watches;

/// <summary>Random writes, watches, cancels, compactions and paces of reading on real threads: every watch against the list of changes.</summary>
public sealed class WatchModelTests
{
    private static readonly WatchOptions Tiny = new()
    {
        Lanes = 1,
        MultiplexedBytesMax = 3_000,
        Cursor = new WatchLimits { RingEventsMax = 4, TurnEvents = 2, TurnScan = 5, HardFactor = 1, JoinRevisionsMax = 3 },
    };

    [Fact]
    public async Task Every_watch_sees_what_it_asked_for_once_and_in_order()
    {
        var totals = new Totals();
        for (var seed = 1UL; seed <= 60; seed++)
        {
            try
            {
                await new Run(seed, totals).PlayAsync();
            }
            catch (Exception broken)
            {
                throw new InvalidOperationException($"seed {seed}", broken);
            }
        }

        // The run is worth nothing if the interesting things did not happen in it.
        Assert.True(totals is { Events: > 1_000, Compacted: > 5, Canceled: > 20, Progress: > 30 }, $"{totals}");
    }

    private sealed record Totals
    {
        public int Events { get; set; }

        public int Compacted { get; set; }

        public int Canceled { get; set; }

        public int Progress { get; set; }
    }

    private sealed record Made(long Revision, string Key, bool IsDelete, string Text);

    private sealed class Watched(WatchCreateRequest request)
    {
        public WatchCreateRequest Request { get; } = request;

        public long From { get; set; }

        public long SeenTo { get; set; }

        public bool IsOver { get; set; }

        public List<string> Events { get; } = [];
    }

    private sealed class Run(ulong seed, Totals totals)
    {
        private const long Marker = 9_999;

        private readonly SplitMix64 _random = new(seed);
        private readonly List<Made> _changes = [];
        private readonly Dictionary<string, string> _state = [];
        private readonly Dictionary<long, Watched> _watches = [];
        private long _progress;

        public async Task PlayAsync()
        {
            await using var rig = new SessionRig(seed % 2 == 0 ? Tiny : null);
            var stream = rig.Open(repliesMax: seed % 3 == 0 ? 1 : 1_000);
            for (var step = 0; step < 200; step++)
            {
                await StepAsync(rig, stream);
            }

            // Made last, so that everything asked before is answered when it is.
            var marker = new Watched(Create("marker", create => create.WatchId = Marker).CreateRequest);
            _watches.Add(Marker, marker);
            stream.Send(new WatchRequest { CreateRequest = marker.Request });
            while (marker.From == 0)
            {
                Take(await stream.NextAsync());
            }

            // Told of the last revision, the client has everything.
            do
            {
                stream.Send(Progress());
                for (var before = totals.Progress; totals.Progress == before;)
                {
                    Take(await stream.NextAsync());
                }
            }
            while (_progress < rig.Store.Revision);

            foreach (var watch in _watches.Values)
            {
                totals.Events += watch.Events.Count;
                var wanted = Expected(watch);
                Assert.Equal(watch.IsOver ? wanted.Take(watch.Events.Count) : wanted, watch.Events);
            }
        }

        private async Task StepAsync(SessionRig rig, EtcdStream stream)
        {
            switch (_random.Next(20))
            {
                case < 9:
                    Write(rig);
                    break;
                case 9 when _state.Count > 0:
                    Delete(rig, _state.Keys.Order(StringComparer.Ordinal).ElementAt(_random.Next(_state.Count)));
                    break;
                case < 12 when _watches.Count < 12:
                    Open(rig, stream);
                    break;
                case 12 when _watches.Count > 0 && _random.Next(3) == 0:
                    stream.Send(Cancel(_random.Next(_watches.Count)));
                    break;
                case 13 when _random.Next(8) == 0 && rig.Store.Revision > rig.Store.Published.CompactedRevision + 1:
                    rig.Store.Compact(rig.Store.Revision - _random.Next(3) is var at && at > rig.Store.Published.CompactedRevision
                        ? at
                        : rig.Store.Revision);
                    break;
                case < 17 when stream.Waiting > 0:
                    Take(await stream.NextAsync());
                    break;
                case 17:
                    stream.Send(Progress());
                    break;
                default:
                    break;
            }
        }

        private void Write(SessionRig rig)
        {
            var keys = Enumerable.Range(0, 1 + _random.Next(3)).Select(_ => Key()).Distinct().ToArray();
            var value = _random.Next(1_000).ToString(CultureInfo.InvariantCulture);
            var revision = rig.Store.Put(value, keys);
            foreach (var key in keys)
            {
                _state[key] = value;
                _changes.Add(new Made(revision, key, IsDelete: false, $"{revision} PUT {key}={value}"));
            }
        }

        private void Delete(SessionRig rig, string key)
        {
            rig.Store.Delete(key);
            _state.Remove(key);
            _changes.Add(new Made(rig.Store.Revision, key, IsDelete: true, $"{rig.Store.Revision} DELETE {key}"));
        }

        private string Key() => ((char)('a' + _random.Next(5))).ToString();

        private void Open(SessionRig rig, EtcdStream stream)
        {
            var request = Create(_random.Next(3) == 0 ? "" : Key(), create =>
            {
                create.WatchId = _watches.Count;
                create.StartRevision = _random.Next(2) * (1 + _random.Next((int)rig.Store.Revision + 3));
                if (_random.Next(5) == 0)
                {
                    create.Filters.Add((WatchCreateRequest.Types.FilterType)_random.Next(2));
                }
            });
            _watches.Add(_watches.Count, new Watched(request.CreateRequest));
            stream.Send(request);
        }

        private void Take(WatchResponse answer)
        {
            if (answer.WatchId == -1)
            {
                Assert.True(answer.Events.Count == 0 && !answer.Canceled, answer.ToString());
                Assert.True(answer.Header.Revision >= _progress, "progress went back");
                _progress = answer.Header.Revision;
                totals.Progress++;
                foreach (var told in _watches.Values.Where(watch => watch is { IsOver: false, From: > 0 }))
                {
                    // Everything up to there was sent before.
                    Assert.Equal(Expected(told, _progress).Count(), told.Events.Count(one => RevisionOf(one) <= _progress));
                }

                return;
            }

            var watch = _watches[answer.WatchId];
            Assert.False(watch.IsOver, "a word after the last one");
            if (answer.Created)
            {
                watch.From = watch.Request.StartRevision == 0 ? answer.Header.Revision + 1 : watch.Request.StartRevision;
                return;
            }

            Assert.True(watch.From > 0, "a word before the first one");
            if (answer.Canceled)
            {
                watch.IsOver = true;
                totals.Compacted += answer.CompactRevision > 0 ? 1 : 0;
                totals.Canceled += answer.CompactRevision == 0 ? 1 : 0;
                return;
            }

            Assert.True(answer.Events.Count > 0 && answer.Events[0].Kv.ModRevision > watch.SeenTo, "split or repeated");
            watch.SeenTo = answer.Events[^1].Kv.ModRevision;
            watch.Events.AddRange(answer.Events.Select(Show));
        }

        private IEnumerable<string> Expected(Watched watch, long upTo = long.MaxValue) => _changes
            .Where(change => change.Revision >= watch.From && change.Revision <= upTo
                && (watch.Request.RangeEnd.Length > 0 || watch.Request.Key.ToStringUtf8() == change.Key)
                && watch.Request.Filters.All(filter => (filter == WatchCreateRequest.Types.FilterType.Nodelete) != change.IsDelete))
            .Select(change => change.Text);

        private static long RevisionOf(string text) => long.Parse(text.AsSpan(0, text.IndexOf(' ')), CultureInfo.InvariantCulture);
    }
}
