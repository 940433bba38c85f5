using FluentValidation;
using RestKv.Api.Contracts;
using RestKv.Api.Errors;

namespace RestKv.Api.Validation;

/// <summary>A compaction names a revision.</summary>
internal sealed class CompactValidator : AbstractValidator<CompactRequest>
{
    public CompactValidator() =>
        RuleFor(request => request.Rev)
            .Must(revision => revision is >= 1)
            .OverridePropertyName("rev")
            .WithErrorCode(ProblemCatalog.BadRevision.Code)
            .WithMessage("rev is a revision from 1 on");
}
