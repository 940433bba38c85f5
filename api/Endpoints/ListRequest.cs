using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Http;
using RestKv.Core.Model;

namespace RestKv.Api.Endpoints;

/// <summary>What a listing asks for; immutable.</summary>
internal sealed record ListRequest
{
    public static readonly QuerySpec Query = new(
        Parameters.Prefix, Parameters.Prefix64, Parameters.Start, Parameters.Start64, Parameters.End, Parameters.End64,
        Parameters.Key, Parameters.Key64, Parameters.Delimiter, Parameters.Limit, Parameters.Cursor, Parameters.Order,
        Parameters.Sort, Parameters.MinModRevision, Parameters.MaxModRevision, Parameters.Values, Parameters.Count,
        Parameters.CountOnly, Parameters.Consistency, Parameters.MinRevision, Parameters.Revision, Parameters.Wait,
        Parameters.Since, Parameters.Timeout, Parameters.ListFormat, Parameters.Pretty);

    public required KeyRange Range { get; init; }

    /// <summary>From here on in a key the delimiter counts.</summary>
    public int PrefixLength { get; init; }

    public byte[] Delimiter { get; init; } = [];

    /// <summary>0 means the default of the form: 1000 on a page, none in a stream.</summary>
    public int Limit { get; init; }

    public ListCursor? Cursor { get; init; }

    public bool IsDescending { get; init; }

    public SortTarget Sort { get; init; }

    public long MinModRevision { get; init; }

    public long MaxModRevision { get; init; }

    public ValueForm Values { get; init; }

    public bool WantsCount { get; init; }

    public bool CountOnly { get; init; }

    public ReadOptions Read { get; init; }

    public TimeSpan Wait { get; init; }

    /// <summary>-1 when not given.</summary>
    public long Since { get; init; } = -1;

    public bool AsLines { get; init; }

    public bool Pretty { get; init; }

    public bool HasFilter => MinModRevision > 0 || MaxModRevision > 0;

    /// <summary>True when the answer is the changes of the range instead of its entries.</summary>
    public bool WantsChanges => Since >= 0 || Wait > TimeSpan.Zero;

    public static ListRequest? TryRead(HttpContext context, ulong clusterId, out Problem? problem)
    {
        var query = QueryReader.Read(context, Query);
        var range = RangeQuery.Read(ref query, out _, out var prefixLength);
        var request = new ListRequest
        {
            Range = range,
            PrefixLength = prefixLength,
            Delimiter = ReadDelimiter(ref query),
            Limit = (int)query.Integer(Parameters.Limit, 0, ProblemCatalog.InvalidLimit),
            IsDescending = query.Choice(Parameters.Order) == 1,
            Sort = SortOf(query.Choice(Parameters.Sort)),
            MinModRevision = query.Integer(Parameters.MinModRevision, 0, ProblemCatalog.BadRevision),
            MaxModRevision = query.Integer(Parameters.MaxModRevision, 0, ProblemCatalog.BadRevision),
            Values = (ValueForm)query.Choice(Parameters.Values),
            WantsCount = query.Flag(Parameters.Count),
            CountOnly = query.Flag(Parameters.CountOnly),
            Read = ReadOptions.Read(ref query),
            Wait = query.Duration(Parameters.Wait, TimeSpan.Zero),
            Since = query.Integer(Parameters.Since, -1, ProblemCatalog.BadRevision),
            AsLines = ReadForm(context, ref query),
            Pretty = query.Flag(Parameters.Pretty),
        };
        request.CheckCombinations(ref query);
        request = request.WithCursor(ref query, clusterId);
        problem = query.Problem;
        return problem is null ? request : null;
    }

    public static SortTarget SortOf(int choice) => choice switch
    {
        1 => SortTarget.ModRevision,
        2 => SortTarget.CreateRevision,
        3 => SortTarget.Version,
        _ => SortTarget.Key,
    };

    /// <summary>The cursor of a next page.</summary>
    public string CursorAfter(long revision, ulong clusterId, bool isGroup, ReadOnlySpan<byte> last) =>
        new ListCursor(revision, Hash(), clusterId, isGroup, last.ToArray()).Encode();

    /// <summary>Of everything that decides which items there are and how they look; page size and freshness may vary.</summary>
    private ulong Hash()
    {
        var hash = Fnv64.New();
        hash.Add((long)Range.Kind);
        hash.Add(Range.Start.Length);
        hash.Add(Range.Start.Span);
        hash.Add(Range.End.Length);
        hash.Add(Range.End.Span);
        hash.Add(Delimiter.Length);
        hash.Add(Delimiter);
        hash.Add(((long)Sort * 2) + (IsDescending ? 1 : 0));
        hash.Add(MinModRevision);
        hash.Add(MaxModRevision);
        hash.Add((long)Values);
        return hash.Value;
    }

    private ListRequest WithCursor(ref QueryReader query, ulong clusterId)
    {
        if (!query.Has(Parameters.Cursor) || query.Problem is not null)
        {
            return this;
        }

        var cursor = ListCursor.TryDecode(query.Text(Parameters.Cursor));
        if (cursor is null || cursor.ClusterId != clusterId || cursor.QueryHash != Hash()
            || (Read.Revision > 0 && Read.Revision != cursor.Revision))
        {
            query.Fail(
                ProblemCatalog.CursorMismatch,
                "send the cursor as it came and keep all other parameters as they were",
                Parameters.Cursor.Name);
            return this;
        }

        return this with { Cursor = cursor, Read = Read with { Revision = cursor.Revision } };
    }

    private void CheckCombinations(ref QueryReader query)
    {
        if (Sort != SortTarget.Key && Delimiter.Length > 0)
        {
            query.Fail(ProblemCatalog.InvalidFieldCombination, "groups have no revision to sort by", Parameters.Sort.Name);
        }

        if (WantsChanges && (Delimiter.Length > 0 || Sort != SortTarget.Key || IsDescending || HasFilter || WantsCount
            || CountOnly || AsLines || Read.Revision > 0 || query.Has(Parameters.Cursor)))
        {
            query.Fail(
                ProblemCatalog.InvalidFieldCombination,
                "wait and since ask for changes, which come in their own order: only a range, limit and values go with them",
                query.Has(Parameters.Since) ? Parameters.Since.Name : Parameters.Wait.Name);
        }

        if (MaxModRevision > 0 && MinModRevision > MaxModRevision)
        {
            query.Fail(ProblemCatalog.InvalidRange, "minModRev is above maxModRev", Parameters.MinModRevision.Name);
        }

        if (CountOnly && query.Has(Parameters.Cursor))
        {
            query.Fail(ProblemCatalog.InvalidFieldCombination, "a count has no pages", Parameters.CountOnly.Name);
        }
    }

    private static byte[] ReadDelimiter(ref QueryReader query)
    {
        if (!query.Has(Parameters.Delimiter))
        {
            return [];
        }

        var delimiter = System.Text.Encoding.UTF8.GetBytes(query.Text(Parameters.Delimiter));
        if (delimiter.Length == 0)
        {
            query.Fail(ProblemCatalog.BadRequest, "a delimiter has at least one character", Parameters.Delimiter.Name);
        }

        return delimiter;
    }

    private static bool ReadForm(HttpContext context, ref QueryReader query)
    {
        var format = query.Choice(Parameters.ListFormat);
        if (format != 0)
        {
            return format == 2;
        }

        var accept = context.Request.Headers.Accept;
        if (AcceptHeader.Prefers(accept, KvHeaders.NdJson))
        {
            return true;
        }

        if (JsonOnly.Check(context.Request) is not null)
        {
            query.Fail(ProblemCatalog.NotAcceptable, "the answer is application/json or application/x-ndjson", "Accept");
        }

        return false;
    }
}
