using System.Collections.Immutable;
using RestKv.Api.Errors;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Api.Http;

/// <summary>If-Match and If-None-Match of a write, as comparisons of a transaction: judged and applied in one step.</summary>
internal readonly struct WriteCondition
{
    private WriteCondition(ImmutableArray<Compare> compares) => Compares = compares;

    public ImmutableArray<Compare> Compares { get; }

    public bool IsEmpty => Compares.IsDefaultOrEmpty;

    public static WriteCondition Read(HttpRequest request, byte[] key, ref QueryReader query)
    {
        var match = request.Headers.IfMatch;
        var noneMatch = request.Headers.IfNoneMatch;
        if (match.Count == 0 && noneMatch.Count == 0)
        {
            return default;
        }

        var compares = ImmutableArray.CreateBuilder<Compare>(2);
        if (match.Count > 0)
        {
            compares.Add(match.ToString() == "*"
                ? Exists(key, CompareOperator.Greater)
                : IsAt(key, CompareOperator.Equal, match.ToString(), "If-Match", ref query));
        }

        if (noneMatch.Count > 0)
        {
            if (match.Count > 0)
            {
                query.Fail(
                    ProblemCatalog.InvalidFieldCombination, "If-Match and If-None-Match exclude each other", "If-None-Match");
            }

            compares.Add(noneMatch.ToString() == "*"
                ? Exists(key, CompareOperator.Equal)
                : IsAt(key, CompareOperator.NotEqual, noneMatch.ToString(), "If-None-Match", ref query));
        }

        return new WriteCondition(compares.ToImmutable());
    }

    /// <summary>Says why an existing key does not meet the condition.</summary>
    public string Missed(long revision) => Compares[0] switch
    {
        { Target: CompareTarget.ModRevision, Operator: CompareOperator.Equal, Number: var wanted } =>
            $"the key is at revision {Text.Of(revision)}, not {Text.Of(wanted)}",
        { Target: CompareTarget.ModRevision } => $"the key is at revision {Text.Of(revision)} still",
        _ => $"the key exists already, at revision {Text.Of(revision)}",
    };

    /// <summary>Wraps the operation so that it runs only if the condition holds; else the key's facts come back.</summary>
    public Operation Guard(Operation operation, byte[] key) => IsEmpty
        ? operation
        : new Operation.Txn(
            Compares,
            [operation],
            [new Operation.Get(new RangeRequest(KeyRange.Single(key)) { KeysOnly = true })]);

    private static Compare Exists(byte[] key, CompareOperator comparison) =>
        new(KeyRange.Single(key), CompareTarget.CreateRevision, comparison, 0, default);

    // A missing key has mod revision 0, so "0" means absent here as it does everywhere else.
    private static Compare IsAt(
        byte[] key, CompareOperator comparison, string tag, string header, ref QueryReader query)
    {
        if (!EntityTag.TryParse(tag, out var revision))
        {
            query.Fail(ProblemCatalog.InvalidEtag, $"{header} takes * or one strong tag such as \"42\"", header);
        }

        return new Compare(KeyRange.Single(key), CompareTarget.ModRevision, comparison, revision, default);
    }
}
