using RestKv.Api.Contracts;
using RestKv.Api.OpenApi;
using RestKv.Api.Security.Auth;

namespace RestKv.Api.Endpoints;

/// <summary>Where problems are explained.</summary>
internal static partial class ProblemEndpoints
{
    private const string Tag = "Problems";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/problems", ListProblemTypesAsync, new OperationNotes
        {
            Id = "listProblemTypes",
            Access = RouteAccess.Public,
            Tag = Tag,
            Summary = "All kinds of problems",
            Query = Query,
            Answers = [Answer.Json<ProblemList>(200, "Every code there is.")],
            Problems = [400, 406],
        });
        routes.MapRead("/problems/{code}", GetProblemTypeAsync, new OperationNotes
        {
            Id = "getProblemType",
            Access = RouteAccess.Public,
            Tag = Tag,
            Summary = "One kind of problem",
            Query = Query,
            Answers = [Answer.Json<ProblemExplanation>(200, "The kind.")],
            Problems = [400, 404, 406],
        });
    }
}
