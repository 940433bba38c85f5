using RestKv.Checkers.Model;
using RestKv.Checkers.Watch;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using static RestKv.Checkers.Tests.BadHistory;

namespace RestKv.Checkers.Tests;

public sealed class WatchGuaranteesTests
{
    private static readonly Dictionary<string, (string Rule, Func<KvModel, List<WatchFrame>> Frames)> Bad = new()
    {
        ["gap"] = ("I22", model => [Open(), .. Events(model).Where((_, i) => i != 1)]),
        ["repeated event"] = ("I21", model => [Open(), .. Events(model).Take(3), .. Events(model).Skip(2)]),
        ["out of order"] = ("I22", model => [Open(), Events(model)[1], Events(model)[0]]),
        ["id in the middle of a revision"] = ("I23", model => [Open(), .. Events(model).Select(e => e with { HasId = true })]),
        ["no id at the end of a revision"] = ("I23", model => [Open(), .. Events(model).Select(e => e with { HasId = false })]),
        ["early bookmark"] = ("I25", model => [Open(), Events(model)[0], new WatchFrame.Progress(1, 5), .. Events(model).Skip(1)]),
        ["bookmark beyond the end"] = ("I25", model => [Open(), .. Events(model), new WatchFrame.Progress(1, 99)]),
        ["event of another key"] = ("I26", model => [Open(), .. Events(model, "b")]),
        ["event that never happened"] = ("I26", _ => [Open(), Made(Entry("a", "ghost", 2, 2, 1))]),
        ["wrong value"] = ("I26", model => [Open(), .. Events(model).Select(e => Altered(e, "zz"))]),
        ["wrong previous value"] = ("I26", model => [Open(), .. Events(model).Select(WithWrongPrevious)]),
        ["missing previous value"] = ("I26", model => [Open(), .. Events(model).Select(e => e with { Change = e.Change with { Previous = null } })]),
        ["compacted for nothing"] = ("I22", model => [Open(), .. Events(model).Take(2), new WatchFrame.Compacted(1, 3)]),
        ["event before open"] = ("I20", model => [Events(model)[0]]),
        ["opened elsewhere"] = ("I24", model => [new WatchFrame.Open(0, 5, 4), .. Events(model).Skip(2)]),
        ["opened at a revision that never was"] = ("I19", model => [new WatchFrame.Open(0, 500, 2), .. Events(model)]),
        ["silent for ever"] = ("I33", model => [Open(), .. Events(model).Take(2)]),
    };

    public static TheoryData<string> Names => [.. Bad.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_bad_stream_is_rejected(string name)
    {
        var model = Store();
        var stream = Stream(new WatchConnection { From = 2, Frames = Bad[name].Frames(model) });

        var violations = WatchGuarantees.Check(model, stream);

        Assert.Contains(violations, violation => violation.Rule == Bad[name].Rule);
    }

    [Fact]
    public void A_true_stream_is_accepted()
    {
        var model = Store();
        var stream = Stream(new WatchConnection
        {
            From = 2,
            Frames = [Open(), .. Events(model), new WatchFrame.Progress(1, model.Revision), new WatchFrame.Closed(2, "max-life")],
        });

        Assert.Empty(WatchGuarantees.Check(model, stream));
    }

    [Fact]
    public void A_cut_inside_a_revision_resumes_at_the_id_before_it()
    {
        var model = Store();
        var events = Events(model);
        var cut = events.FindIndex(e => !e.HasId) + 1;
        var before = events.FindLastIndex(cut - 1, e => e.HasId);
        var stream = Stream(
            new WatchConnection { From = 2, Frames = [Open(), .. events.Take(cut)] },
            new WatchConnection
            {
                From = events[before].Change.KeyValue.ModRevision + 1,
                IsResume = true,
                Frames = [Reopen(events[before]), .. events.Skip(before + 1)],
            });

        Assert.Empty(WatchGuarantees.Check(model, stream));
    }

    [Theory]
    [InlineData(2, 3, true)]
    [InlineData(3, 3, false)]
    [InlineData(4, 3, false)]
    public void One_that_begins_anew_further_back_is_refused_for_what_it_asks_itself(long from, long floor, bool isRight)
    {
        var history = new BadHistory();
        history.DoPut(0, 1, "a", "1");
        history.DoPut(2, 3, "a", "2");
        history.DoPut(4, 5, "a", "3");
        var events = Events(history.Store);
        history.Do(6, 7, new Command.Compact(floor));
        var stream = Stream(
            new WatchConnection { From = 2, Frames = [new WatchFrame.Open(0, 4, 2), .. events] },
            new WatchConnection { From = from, Frames = [new WatchFrame.Compacted(8, floor)] });

        var violations = WatchGuarantees.Check(history.Store, stream);

        Assert.Equal(isRight, violations.All(violation => violation.Rule != "I22"));
    }

    [Fact]
    public void A_resume_that_splits_a_revision_is_rejected()
    {
        var model = Store();
        var events = Events(model);
        var cut = events.FindIndex(e => !e.HasId) + 1;
        var from = events[cut].Change.KeyValue.ModRevision + 1;
        var stream = Stream(
            new WatchConnection { From = 2, Frames = [Open(), .. events.Take(cut)] },
            new WatchConnection { From = from, IsResume = true, Frames = [new WatchFrame.Open(0, model.Revision, from)] });

        Assert.Contains(WatchGuarantees.Check(model, stream), violation => violation.Rule == "I24");
    }

    private static KvModel Store()
    {
        var history = new BadHistory();
        history.DoPut(0, 1, "a", "1");
        history.DoPut(2, 3, "a", "2");
        history.DoPut(4, 5, "b", "1");
        history.Do(6, 7, Write(new Operation.Txn([], [Put("a", "3"), Put("aa", "1")], [])));
        history.Do(8, 9, Write(new Operation.Delete(KeyRange.Prefix(B("a")))));
        history.DoPut(10, 11, "a", "4");
        return history.Store;
    }

    private static WatchStream Stream(params WatchConnection[] connections) => new()
    {
        Id = 1,
        Ranges = [KeyRange.Prefix(B("a"))],
        WithPrevious = true,
        Connections = [.. connections],
        ExpectedThrough = 7,
    };

    private static WatchFrame.Open Open() => new(0, 7, 2);

    private static WatchFrame.Open Reopen(WatchFrame.Event last) => new(0, 7, last.Change.KeyValue.ModRevision + 1);

    private static List<WatchFrame.Event> Events(KvModel model, string prefix = "a")
    {
        var changes = model.Changes.Where(change => change.Name.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        return [.. changes.Select((change, i) => new WatchFrame.Event(
            1,
            new Change(change.Entry, change.Cause, change.Sub, true, change.Previous),
            i + 1 == changes.Count || changes[i + 1].Revision != change.Revision))];
    }

    private static WatchFrame.Event Made(KeyValue entry) => new(1, new Change(entry, DeleteCause.None, 0, true, null), true);

    private static WatchFrame.Event Altered(WatchFrame.Event sent, string value) => sent.Change.IsDelete
        ? sent
        : sent with { Change = sent.Change with { KeyValue = sent.Change.KeyValue with { Value = B(value) } } };

    private static WatchFrame.Event WithWrongPrevious(WatchFrame.Event sent) => sent.Change.Previous is { } previous
        ? sent with { Change = sent.Change with { Previous = previous with { Value = B("old") } } }
        : sent;
}
