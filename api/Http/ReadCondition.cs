using RestKv.Api.Errors;

namespace RestKv.Api.Http;

/// <summary>What a condition makes of a read.</summary>
internal enum ReadVerdict : byte
{
    Answer = 0,
    NotModified = 1,
    Failed = 2,
}

/// <summary>If-Match and If-None-Match of a read, reduced to numbers; the revision of an absent key is 0.</summary>
internal sealed record ReadCondition(bool AnyMatch, List<long>? Match, bool AnyNoneMatch, List<long>? NoneMatch)
{
    /// <summary>True when the client told what it has: then a long poll has something to wait for.</summary>
    public bool HasNoneMatch => AnyNoneMatch || NoneMatch is not null;

    /// <summary>Reads the headers; null when there are none, which is the common case.</summary>
    public static ReadCondition? Read(HttpRequest request, ref QueryReader query)
    {
        var match = request.Headers.IfMatch;
        var noneMatch = request.Headers.IfNoneMatch;
        if (match.Count == 0 && noneMatch.Count == 0)
        {
            return null;
        }

        var anyMatch = match.Count == 1 && match[0] == "*";
        var anyNoneMatch = noneMatch.Count == 1 && noneMatch[0] == "*";
        List<long>? matches = null;
        List<long>? noneMatches = null;
        if (match.Count > 0 && !anyMatch && !EntityTag.TryParseList(match, allowWeak: false, out matches))
        {
            query.Fail(ProblemCatalog.InvalidEtag, "If-Match takes * or tags such as \"42\"", "If-Match");
        }

        if (noneMatch.Count > 0 && !anyNoneMatch && !EntityTag.TryParseList(noneMatch, allowWeak: true, out noneMatches))
        {
            query.Fail(ProblemCatalog.InvalidEtag, "If-None-Match takes * or tags such as \"42\"", "If-None-Match");
        }

        return new ReadCondition(anyMatch, matches, anyNoneMatch, noneMatches);
    }

    public ReadVerdict Judge(long modRevision)
    {
        if ((AnyMatch && modRevision == 0) || (Match is not null && !Match.Contains(modRevision)))
        {
            return ReadVerdict.Failed;
        }

        return (AnyNoneMatch && modRevision > 0) || (NoneMatch?.Contains(modRevision) ?? false)
            ? ReadVerdict.NotModified
            : ReadVerdict.Answer;
    }
}
