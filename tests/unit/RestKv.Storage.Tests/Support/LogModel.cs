using System.Collections.Immutable;
using RestKv.Core.Replication;
using RestKv.Raft;

namespace RestKv.Storage.Tests.Support;

/// <summary>What a log must say, kept in the dumbest way: every index there is, and nothing about bytes.</summary>
internal sealed record LogModel(
    ImmutableSortedDictionary<long, (long Term, string Payload)> Entries, long BaseIndex, Term Term, NodeId Vote)
{
    public static readonly LogModel Empty =
        new(ImmutableSortedDictionary<long, (long Term, string Payload)>.Empty, 0, Term.Zero, NodeId.None);

    public long Last => BaseIndex + Entries.Count;

    public LogModel With(PersistBatch batch)
    {
        var model = this;
        if (batch.Snapshot is { } mark)
        {
            model = model with { Entries = Entries.Clear(), BaseIndex = mark.Index.Value };
        }

        if (batch.HardState is { } state)
        {
            model = model with { Term = state.Term, Vote = state.Vote };
        }

        var entries = model.Entries;
        foreach (var entry in batch.Entries)
        {
            for (var index = model.Last; index > entry.Index.Value; index--)
            {
                entries = entries.Remove(index);
            }

            entries = entries.SetItem(entry.Index.Value, (entry.Term.Value, Describe(entry)));
            model = model with { Entries = entries };
        }

        return model;
    }

    /// <summary>Null when the image is exactly this state, else the first difference.</summary>
    public string? Differs(RaftImage image)
    {
        var last = image.Entries.Count > 0 ? image.Entries[^1].Index.Value : image.Snapshot.Index.Value;
        if (last != Last)
        {
            return $"last index {last}, expected {Last}";
        }

        if (image.HardState.Term != Term || image.HardState.Vote != Vote)
        {
            return $"{image.HardState}, expected term {Term} vote {Vote}";
        }

        if (image.Entries.Count > 0 && image.Entries[0].Index > image.Snapshot.Index.Next)
        {
            return $"gap between snapshot {image.Snapshot.Index} and first entry {image.Entries[0].Index}";
        }

        if (image.HardState.Commit < image.Snapshot.Index || image.HardState.Commit.Value > last)
        {
            return $"commit {image.HardState.Commit} outside of {image.Snapshot.Index}..{last}";
        }

        return image.Entries.Select(DiffersAt).FirstOrDefault(difference => difference is not null);
    }

    private static string Describe(Entry entry) => $"{entry.Kind} {Convert.ToHexString(entry.Payload.Span)}";

    private string? DiffersAt(Entry entry) =>
        Entries.TryGetValue(entry.Index.Value, out var expected)
        && expected == (entry.Term.Value, Describe(entry))
            ? null : $"entry {entry.Index} term {entry.Term} is not what was written";
}
