namespace RestKv.Api.Http;

/// <summary>The query parameters of one operation: what the reader takes and what the OpenAPI document lists. Endpoint metadata.</summary>
internal sealed class QuerySpec
{
    private const int ParametersMax = 64;

    private readonly QueryParameter[] _parameters;

    public QuerySpec(params ReadOnlySpan<QueryParameter> parameters)
    {
        _parameters = parameters.ToArray();
        Raft.Invariant.Check(_parameters.Length <= ParametersMax);
    }

    public IReadOnlyList<QueryParameter> Parameters => _parameters;

    /// <summary>The place of a name, or -1. Names are few, so a walk beats a table.</summary>
    public int IndexOf(ReadOnlySpan<char> name)
    {
        for (var i = 0; i < _parameters.Length; i++)
        {
            if (name.SequenceEqual(_parameters[i].Name))
            {
                return i;
            }
        }

        return -1;
    }

    public int IndexOf(QueryParameter parameter)
    {
        for (var i = 0; i < _parameters.Length; i++)
        {
            if (ReferenceEquals(_parameters[i], parameter))
            {
                return i;
            }
        }

        return -1;
    }
}
