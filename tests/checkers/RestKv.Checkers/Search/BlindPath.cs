using RestKv.Core.Commands;
using RestKv.Raft;

namespace RestKv.Checkers.Search;

/// <summary>One way in which an unanswered operation may have gone: the branches it took and what they came down to.</summary>
internal sealed record BlindPath(IReadOnlyList<(Operation.Txn Txn, bool Succeeded)> Branches, IReadOnlyList<Operation> Leaves)
{
    /// <summary>More paths than any tester sends; the search refuses to judge beyond, since leaving one out would accuse wrongly.</summary>
    private const int PathsMax = 1024;

    public static IReadOnlyList<BlindPath> Of(Operation operation)
    {
        if (operation is not Operation.Txn txn)
        {
            return [new BlindPath([], [operation])];
        }

        List<BlindPath> all = [];
        foreach (var succeeded in new[] { true, false })
        {
            List<BlindPath> paths = [new BlindPath([(txn, succeeded)], [])];
            foreach (var inner in succeeded ? txn.Then : txn.Else)
            {
                var tails = Of(inner);
                paths = [.. paths.SelectMany(path => tails.Select(path.Then))];
            }

            all.AddRange(paths);
            Invariant.Check(all.Count <= PathsMax);
        }

        return all;
    }

    private BlindPath Then(BlindPath tail) => new([.. Branches, .. tail.Branches], [.. Leaves, .. tail.Leaves]);
}
